package dev.lockstep.agent.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.TlsBinding;

/** Entries of a config as JSON, one object each, told apart by {@code kind}. */
final class EntryCodec {
  private EntryCodec() {}

  /** {@return the form for other replicas and for the disk: holds private keys} */
  static ObjectNode toJson(Entry entry) {
    return switch (entry) {
      case Route route -> RouteCodec.toJson(route);
      case Backend backend -> BackendCodec.toJson(backend);
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
      case Backend backend -> BackendCodec.toApiJson(backend);
      case Certificate certificate -> certificateJson(certificate);
      case TlsBinding binding -> bindingJson(binding);
    };
  }

  static Entry fromJson(Fields fields) {
    String kind = fields.name("kind");
    return switch (kind) {
      case "route" -> RouteCodec.fromJson(fields);
      case "backend" -> BackendCodec.fromJson(fields);
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
