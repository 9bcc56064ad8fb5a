package dev.lockstep.agent.cli;

import dev.lockstep.core.config.ObjectKey;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads {@code ingress/web}, as people write it. */
final class ObjectName {
  static final String EXPECTED = "ingress/NAME, service/NAME, endpointslice/NAME or secret/NAME";

  private record Kind(String group, String kind) {}

  private static final Kind INGRESS = new Kind("networking.k8s.io", "Ingress");
  private static final Kind SERVICE = new Kind("", "Service");
  private static final Kind SLICE = new Kind("discovery.k8s.io", "EndpointSlice");
  private static final Kind SECRET = new Kind("", "Secret");

  private static final Map<String, Kind> KINDS =
      Map.ofEntries(
          Map.entry("ingress", INGRESS),
          Map.entry("ingresses", INGRESS),
          Map.entry("ing", INGRESS),
          Map.entry("service", SERVICE),
          Map.entry("services", SERVICE),
          Map.entry("svc", SERVICE),
          Map.entry("endpointslice", SLICE),
          Map.entry("endpointslices", SLICE),
          Map.entry("secret", SECRET),
          Map.entry("secrets", SECRET));

  private ObjectName() {}

  /** {@return the object, if the text is {@code kind/name} of a kind that routes are made from} */
  static Optional<ObjectKey> parse(String text, String namespace) {
    int slash = text.indexOf('/');
    if (slash <= 0 || slash == text.length() - 1 || text.indexOf('/', slash + 1) >= 0) {
      return Optional.empty();
    }
    String name = text.substring(slash + 1);
    return Optional.ofNullable(KINDS.get(text.substring(0, slash).toLowerCase(Locale.ROOT)))
        .map(kind -> new ObjectKey(kind.group(), kind.kind(), namespace, name));
  }
}
