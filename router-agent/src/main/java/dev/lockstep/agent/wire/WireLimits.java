package dev.lockstep.agent.wire;

/**
 * Bounds on what is read. A Kubernetes object holds at most 1.5 MiB, which bounds every honest text
 * and list of one entry; the others follow from the size of a mesh.
 */
final class WireLimits {
  /** Names, hosts, addresses, keys of entries: longer than four Kubernetes names in a row. */
  static final int NAME = 2048;

  /** Sentences for people. Writers cut, so that readers never have to refuse one. */
  static final int SENTENCE = 1024;

  /** Paths, PEM text, bodies: what may fill a whole Kubernetes object. */
  static final int CONTENT = 2 << 20;

  /** Problems in one nack. Writers cut. */
  static final int PROBLEMS = 64;

  /** Replicas in one list. */
  static final int REPLICAS = 1000;

  /** Rules, shares, endpoints or address blocks of one entry. */
  static final int PARTS = 200_000;

  /** Entries of one config or delta. */
  static final int ENTRIES = 2_000_000;

  /** JSON of one snapshot, after decompression. */
  static final long SNAPSHOT_CHARS = 512L << 20;

  /** Levels of JSON: more than three times what the deepest message has. */
  static final int DEPTH = 32;

  private WireLimits() {}
}
