package dev.lockstep.agent.proxy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What the data plane tells of the requests that it serves, and what it lets them ask. What is off
 * costs a look at a field that is null.
 *
 * @param log lines about requests, default none
 * @param requestId whether requests get a name, default not
 * @param routes with figures of their own, default 100; 0 for no figures by route
 * @param minVersion whether a request may name a version, default not
 */
public record Seeing(
    Optional<Log> log, RequestId requestId, int routes, Optional<MinVersion> minVersion) {

  /** The defaults. */
  public static final Seeing STANDARD =
      new Seeing(Optional.empty(), RequestId.NONE, 100, Optional.empty());

  /**
   * The access log.
   *
   * @param file where to, standard output if it is absent
   * @param query whether the query of a target is repeated
   * @param bufferBytes of lines that wait, per event loop; a power of two, 64 KiB or more
   */
  public record Log(Optional<Path> file, Query query, int bufferBytes) {

    /** What becomes of a query, which often holds what nobody but its client should have. */
    public enum Query {
      LEFT_OUT,
      KEPT
    }

    private static final int SMALLEST_BUFFER = 65_536;

    public Log {
      if (Integer.bitCount(bufferBytes) != 1 || bufferBytes < SMALLEST_BUFFER) {
        throw new IllegalArgumentException(
            "bufferBytes: " + bufferBytes + " (expected: a power of two, 65536 or more)");
      }
    }
  }

  /**
   * {@code X-Request-Id}.
   *
   * @param source where an id comes from
   * @param answers whether it is told to the client
   */
  public record RequestId(Source source, Answers answers) {

    /** Nobody looks at ids: what a client sends passes like any other field. */
    public static final RequestId NONE = new RequestId(Source.NOBODY, Answers.WITHOUT);

    /** Where an id comes from. */
    public enum Source {
      /** There is none. */
      NOBODY,
      /** We make it; a client's own ends here. */
      ROUTER,
      /** The client, if it sends one that we would repeat; else we make it. */
      CLIENT
    }

    /** Whether answers carry the id. */
    public enum Answers {
      WITHOUT,
      WITH
    }
  }

  /**
   * {@code Lockstep-Min-Version}.
   *
   * @param longest how long a request is held at most until its version is served; positive
   * @param waiting requests held at a time by one event loop; positive
   */
  public record MinVersion(Duration longest, int waiting) {
    public MinVersion {
      if (!longest.isPositive() || waiting < 1) {
        throw new IllegalArgumentException(
            "minVersion: " + longest + ", " + waiting + " (expected: both positive)");
      }
    }
  }

  public Seeing {
    if (routes < 0) {
      throw new IllegalArgumentException("routes: " + routes + " (expected: >= 0)");
    }
  }
}
