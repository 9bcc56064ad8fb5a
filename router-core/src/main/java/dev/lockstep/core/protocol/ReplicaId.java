package dev.lockstep.core.protocol;

/**
 * One run of one router process: a container that restarts is the same pod and another replica id.
 * Written to the Lease as {@code holderIdentity}.
 *
 * @param pod name of the pod
 * @param boot nonce of this run, without {@code /}
 */
public record ReplicaId(String pod, String boot) implements Comparable<ReplicaId> {

  /** {@return the id that {@link #toString} wrote; a text without a boot nonce has an empty one} */
  public static ReplicaId parse(String text) {
    int slash = text.indexOf('/');
    return slash < 0
        ? new ReplicaId(text, "")
        : new ReplicaId(text.substring(0, slash), text.substring(slash + 1));
  }

  @Override
  public int compareTo(ReplicaId other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return pod + "/" + boot;
  }
}
