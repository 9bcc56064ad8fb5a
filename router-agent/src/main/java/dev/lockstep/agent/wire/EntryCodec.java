package dev.lockstep.agent.wire;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Backend.Affinity;
import dev.lockstep.core.config.Backend.Endpoint;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.TlsBinding;
import java.util.Optional;

/** Entries of a config as JSON, one object each, told apart by {@code kind}. */
final class EntryCodec {
  private EntryCodec() {}

  /** {@return the form for other replicas and for the disk: holds private keys} */
  static ObjectNode toJson(Entry entry) {
    return switch (entry) {
      case Route route -> RouteCodec.toJson(route);
      case Backend backend -> withKey(backendJson(backend), backend.affinity());
      case Certificate certificate ->
          certificateJson(certificate)
              .put("chain", certificate.chainPem())
              .put("privateKey", certificate.privateKey().pem());
      case TlsBinding binding -> bindingJson(binding);
    };
  }

  /** {@return the form for people: of a certificate only its name and fingerprint} */
  static ObjectNode toApiJson(Entry entry) {
    return switch (entry) {
      case Route route -> RouteCodec.toJson(route);
      case Backend backend -> backendJson(backend);
      case Certificate certificate -> certificateJson(certificate);
      case TlsBinding binding -> bindingJson(binding);
    };
  }

  static Entry fromJson(Fields fields) {
    String kind = fields.name("kind");
    return switch (kind) {
      case "route" -> RouteCodec.fromJson(fields);
      case "backend" -> backend(fields);
      case "certificate" -> certificate(fields);
      case "tls" -> binding(fields);
      default -> throw new WireFault("kind", "this build does not know it: " + shortened(kind));
    };
  }

  static ObjectNode objectKeyJson(ObjectKey key) {
    return Json.object()
        .put("group", key.group())
        .put("kind", key.kind())
        .put("namespace", key.namespace())
        .put("name", key.name());
  }

  static ObjectKey objectKey(Fields fields) {
    return new ObjectKey(
        fields.name("group"), fields.name("kind"), fields.name("namespace"), fields.name("name"));
  }

  static ObjectNode backendIdJson(Backend.Id id) {
    return Json.object()
        .put("namespace", id.namespace())
        .put("service", id.service())
        .put("port", id.port());
  }

  static Backend.Id backendId(Fields fields) {
    return new Backend.Id(fields.name("namespace"), fields.name("service"), fields.name("port"));
  }

  private static ObjectNode backendJson(Backend backend) {
    ObjectNode json = Json.object().put("kind", "backend");
    json.set("id", backendIdJson(backend.id()));
    if (backend.protocol() != Backend.Protocol.HTTP1) {
      json.put("protocol", protocolName(backend.protocol()));
    }
    ArrayNode endpoints = json.putArray("endpoints");
    for (Endpoint endpoint : backend.endpoints()) {
      endpoints
          .addObject()
          .put("address", endpoint.address())
          .put("port", endpoint.port())
          .put("state", stateName(endpoint.state()));
    }
    if (backend.affinity().kind() != Affinity.Kind.NONE) {
      json.put("affinity", affinityName(backend.affinity().kind()));
    }
    return json;
  }

  private static ObjectNode withKey(ObjectNode json, Affinity affinity) {
    return affinity.kind() == Affinity.Kind.COOKIE ? json.put("affinityKey", affinity.key()) : json;
  }

  private static Backend backend(Fields fields) {
    return new Backend(
        backendId(fields.object("id")),
        fields.has("protocol")
            ? fields.parsed("protocol", EntryCodec::protocol)
            : Backend.Protocol.HTTP1,
        fields.objects("endpoints", WireLimits.PARTS, EntryCodec::endpoint),
        fields.has("affinity") ? affinity(fields) : Affinity.NONE);
  }

  private static String affinityName(Affinity.Kind kind) {
    return switch (kind) {
      case NONE -> "none";
      case CLIENT_ADDRESS -> "client-address";
      case COOKIE -> "cookie";
    };
  }

  private static Affinity affinity(Fields fields) {
    String kind = fields.name("affinity");
    return switch (kind) {
      case "client-address" -> Affinity.CLIENT_ADDRESS;
      case "cookie" -> Affinity.cookie(fields.name("affinityKey"));
      default -> throw new WireFault("affinity", "this build does not know it: " + shortened(kind));
    };
  }

  private static String protocolName(Backend.Protocol protocol) {
    return switch (protocol) {
      case HTTP1 -> "http1";
      case H2C -> "h2c";
    };
  }

  private static Optional<Backend.Protocol> protocol(String name) {
    return switch (name) {
      case "http1" -> Optional.of(Backend.Protocol.HTTP1);
      case "h2c" -> Optional.of(Backend.Protocol.H2C);
      default -> Optional.empty();
    };
  }

  private static Endpoint endpoint(Fields fields) {
    return new Endpoint(
        fields.name("address"),
        fields.integer("port", 65535),
        fields.parsed("state", EntryCodec::state));
  }

  private static String stateName(Endpoint.State state) {
    return switch (state) {
      case READY -> "ready";
      case DRAINING -> "draining";
    };
  }

  private static Optional<Endpoint.State> state(String name) {
    return switch (name) {
      case "ready" -> Optional.of(Endpoint.State.READY);
      case "draining" -> Optional.of(Endpoint.State.DRAINING);
      default -> Optional.empty();
    };
  }

  private static ObjectNode certificateIdJson(Certificate.Id id) {
    return Json.object().put("namespace", id.namespace()).put("secret", id.secret());
  }

  private static Certificate.Id certificateId(Fields fields) {
    return new Certificate.Id(fields.name("namespace"), fields.name("secret"));
  }

  private static ObjectNode certificateJson(Certificate certificate) {
    ObjectNode json = Json.object().put("kind", "certificate");
    json.set("id", certificateIdJson(certificate.id()));
    return json.put("fingerprint", certificate.fingerprint().hex());
  }

  private static Certificate certificate(Fields fields) {
    return new Certificate(
        certificateId(fields.object("id")),
        fields.text("chain", WireLimits.CONTENT),
        new Certificate.PrivateKey(fields.text("privateKey", WireLimits.CONTENT)),
        fields.digest("fingerprint"));
  }

  private static ObjectNode bindingJson(TlsBinding binding) {
    ObjectNode json = Json.object().put("kind", "tls").put("host", binding.host());
    json.set("certificate", certificateIdJson(binding.certificate()));
    json.set("origin", objectKeyJson(binding.origin()));
    return json;
  }

  private static TlsBinding binding(Fields fields) {
    return new TlsBinding(
        fields.name("host"),
        certificateId(fields.object("certificate")),
        objectKey(fields.object("origin")));
  }

  private static String shortened(String kind) {
    return kind.length() <= 40 ? kind : kind.substring(0, 40) + "…";
  }
}
