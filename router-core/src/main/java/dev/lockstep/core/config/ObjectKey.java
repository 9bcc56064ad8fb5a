package dev.lockstep.core.config;

/**
 * Names one Kubernetes object, whichever incarnation of it.
 *
 * @param group API group, empty for the core group; example {@code networking.k8s.io}
 * @param kind example {@code Ingress}
 * @param namespace where it lives
 * @param name its name
 */
public record ObjectKey(String group, String kind, String namespace, String name)
    implements Comparable<ObjectKey> {

  /** {@return a key of a kind in the core group} */
  public static ObjectKey core(String kind, String namespace, String name) {
    return new ObjectKey("", kind, namespace, name);
  }

  /** {@return text that orders and identifies the object, {@code group/Kind/namespace/name}} */
  public String path() {
    return group + "/" + kind + "/" + namespace + "/" + name;
  }

  @Override
  public int compareTo(ObjectKey other) {
    return path().compareTo(other.path());
  }

  @Override
  public String toString() {
    return kind.toLowerCase(java.util.Locale.ROOT) + "/" + namespace + "/" + name;
  }
}
