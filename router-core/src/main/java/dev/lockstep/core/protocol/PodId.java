package dev.lockstep.core.protocol;

/**
 * One incarnation of a pod. A pod that was deleted and made again under its old name is another.
 *
 * @param name of the pod
 * @param uid as Kubernetes gave it
 */
public record PodId(String name, String uid) implements Comparable<PodId> {

  /** {@return text that orders and identifies the pod, {@code name/uid}} */
  public String path() {
    return name + "/" + uid;
  }

  @Override
  public int compareTo(PodId other) {
    return path().compareTo(other.path());
  }

  @Override
  public String toString() {
    return name;
  }
}
