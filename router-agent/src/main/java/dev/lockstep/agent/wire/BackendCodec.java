package dev.lockstep.agent.wire;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Backend.Affinity;
import dev.lockstep.core.config.Backend.Cleartext;
import dev.lockstep.core.config.Backend.Endpoint;
import dev.lockstep.core.config.BackendTls;
import java.util.Optional;

/** Backends as JSON. */
final class BackendCodec {
  private BackendCodec() {}

  /** {@return the form for other replicas: holds the key of cookies} */
  static ObjectNode toJson(Backend backend) {
    Affinity affinity = backend.affinity();
    ObjectNode json = toApiJson(backend);
    return affinity.kind() == Affinity.Kind.COOKIE ? json.put("affinityKey", affinity.key()) : json;
  }

  static ObjectNode toApiJson(Backend backend) {
    ObjectNode json = Json.object().put("kind", "backend");
    json.set("id", idJson(backend.id()));
    switch (backend.protocol()) {
      // What is not said is HTTP/1.1: older replicas know nothing else.
      case Cleartext.HTTP1 -> {}
      case Cleartext.H2C -> json.put("protocol", "h2c");
      case BackendTls tls -> {
        json.put("protocol", versionsName(tls.versions()));
        json.set("tls", tlsJson(tls));
      }
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

  static Backend fromJson(Fields fields) {
    return new Backend(
        id(fields.object("id")),
        fields.has("protocol") ? protocol(fields) : Cleartext.HTTP1,
        fields.objects("endpoints", WireLimits.PARTS, BackendCodec::endpoint),
        fields.has("affinity") ? affinity(fields) : Affinity.NONE);
  }

  static ObjectNode idJson(Backend.Id id) {
    return Json.object()
        .put("namespace", id.namespace())
        .put("service", id.service())
        .put("port", id.port());
  }

  static Backend.Id id(Fields fields) {
    return new Backend.Id(fields.name("namespace"), fields.name("service"), fields.name("port"));
  }

  private static Backend.Protocol protocol(Fields fields) {
    return switch (fields.name("protocol")) {
      case "http1" -> Cleartext.HTTP1;
      case "h2c" -> Cleartext.H2C;
      default -> tls(fields.parsed("protocol", BackendCodec::versions), fields.object("tls"));
    };
  }

  private static String versionsName(BackendTls.Versions versions) {
    return switch (versions) {
      case HTTP2_OR_HTTP1 -> "https";
      case HTTP1 -> "https1";
    };
  }

  private static Optional<BackendTls.Versions> versions(String name) {
    return switch (name) {
      case "https" -> Optional.of(BackendTls.Versions.HTTP2_OR_HTTP1);
      case "https1" -> Optional.of(BackendTls.Versions.HTTP1);
      default -> Optional.empty();
    };
  }

  private static ObjectNode tlsJson(BackendTls tls) {
    ObjectNode json = Json.object().put("serverName", tls.serverName());
    return switch (tls.trust()) {
      case BackendTls.Known.ANYONE -> json.put("trust", "anyone");
      case BackendTls.Known.PUBLIC -> json.put("trust", "public");
      case BackendTls.Authorities authorities ->
          json.put("trust", "authorities").put("authorities", authorities.pem());
    };
  }

  private static BackendTls tls(BackendTls.Versions versions, Fields fields) {
    BackendTls.Trust trust =
        fields.name("trust").equals("authorities")
            ? new BackendTls.Authorities(fields.text("authorities", WireLimits.CONTENT))
            : fields.parsed("trust", BackendCodec::known);
    return new BackendTls(versions, fields.name("serverName"), trust);
  }

  private static Optional<BackendTls.Trust> known(String name) {
    return switch (name) {
      case "anyone" -> Optional.of(BackendTls.Known.ANYONE);
      case "public" -> Optional.of(BackendTls.Known.PUBLIC);
      default -> Optional.empty();
    };
  }

  private static String affinityName(Affinity.Kind kind) {
    return switch (kind) {
      case NONE -> "none";
      case CLIENT_ADDRESS -> "client-address";
      case COOKIE -> "cookie";
    };
  }

  private static Affinity affinity(Fields fields) {
    return switch (fields.parsed("affinity", BackendCodec::affinityKind)) {
      case NONE -> Affinity.NONE;
      case CLIENT_ADDRESS -> Affinity.CLIENT_ADDRESS;
      case COOKIE -> Affinity.cookie(fields.name("affinityKey"));
    };
  }

  private static Optional<Affinity.Kind> affinityKind(String name) {
    return switch (name) {
      case "client-address" -> Optional.of(Affinity.Kind.CLIENT_ADDRESS);
      case "cookie" -> Optional.of(Affinity.Kind.COOKIE);
      default -> Optional.empty();
    };
  }

  private static Endpoint endpoint(Fields fields) {
    return new Endpoint(
        fields.name("address"),
        fields.integer("port", 65535),
        fields.parsed("state", BackendCodec::state));
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
}
