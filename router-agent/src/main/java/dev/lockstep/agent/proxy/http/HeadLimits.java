package dev.lockstep.agent.proxy.http;

/**
 * How much of a head is read at most.
 *
 * @param startLineBytes longest request line; bytes, example 8192
 * @param totalBytes start line and all fields; bytes, example 32768
 * @param fields how many header fields, example 100
 */
public record HeadLimits(int startLineBytes, int totalBytes, int fields) {

  /** What a client may send, unless the settings say otherwise. */
  public static final HeadLimits STANDARD = new HeadLimits(8192, 32_768, 100);

  public HeadLimits {
    if (startLineBytes < 64 || totalBytes < startLineBytes || fields < 1) {
      throw new IllegalArgumentException(
          "head limits: "
              + startLineBytes
              + ", "
              + totalBytes
              + ", "
              + fields
              + " (expected: line >= 64, total >= line, fields >= 1)");
    }
  }
}
