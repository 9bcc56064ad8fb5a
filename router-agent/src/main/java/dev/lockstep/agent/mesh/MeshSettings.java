package dev.lockstep.agent.mesh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Every time-out and bound of the mesh: none is left to a library.
 *
 * @param connectTimeout until a TCP connection to another replica stands
 * @param tlsTimeout until the TLS handshake is done, on either side
 * @param upgradeTimeout until the other side has checked the token and accepted the link
 * @param verifyTimeout until the verifier has said which pod a token proves
 * @param unverifiedTimeout how long a connection may live that has proved nothing
 * @param linkIdleTimeout after which a link that was silent is given up. A backstop for half-open
 *     connections: the heartbeats of the core notice them sooner
 * @param closeTimeout until a link that is being closed is cut
 * @param downloadIdleTimeout between two bytes of a snapshot, and until the first one
 * @param downloadTimeout until a whole snapshot has come, or was sent
 * @param probeTimeout until a port that is probed answers
 * @param maxConnections that others may hold open at this replica
 * @param maxUnverified tokens under check at a time; more are told to come again
 * @param maxDownloads snapshots being sent at a time
 * @param maxFollowerMessage bytes of one message from a follower
 * @param maxLeaderMessage bytes of one message from a leader. A push that is larger is not sent:
 *     the link is closed, and the follower fetches a snapshot when it is back
 * @param maxPending bytes that may wait for one follower to read them
 * @param maxSnapshot bytes of one compressed snapshot
 */
public record MeshSettings(
    Duration connectTimeout,
    Duration tlsTimeout,
    Duration upgradeTimeout,
    Duration verifyTimeout,
    Duration unverifiedTimeout,
    Duration linkIdleTimeout,
    Duration closeTimeout,
    Duration downloadIdleTimeout,
    Duration downloadTimeout,
    Duration probeTimeout,
    int maxConnections,
    int maxUnverified,
    int maxDownloads,
    int maxFollowerMessage,
    int maxLeaderMessage,
    int maxPending,
    int maxSnapshot) {

  /** The defaults. */
  public static final MeshSettings STANDARD =
      new MeshSettings(
          Duration.ofMillis(500),
          Duration.ofSeconds(3),
          Duration.ofSeconds(4),
          Duration.ofSeconds(3),
          Duration.ofSeconds(8),
          Duration.ofSeconds(15),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(60),
          Duration.ofMillis(300),
          2048,
          64,
          32,
          1 << 20,
          8 << 20,
          24 << 20,
          128 << 20);

  /** {@return what contradicts what, one sentence each; empty when all is well} */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    durations()
        .forEach(
            (name, value) -> {
              if (value.compareTo(Duration.ofMillis(1)) < 0) {
                problems.add(name + ": " + value + " (expected: at least 1 ms)");
              }
            });
    bounds()
        .forEach(
            (name, value) -> {
              if (value < 1) {
                problems.add(name + ": " + value + " (expected: at least 1)");
              }
            });
    if (verifyTimeout.compareTo(upgradeTimeout) >= 0) {
      problems.add(
          "verifyTimeout: "
              + verifyTimeout
              + " (expected: < upgradeTimeout "
              + upgradeTimeout
              + ")");
    }
    if (upgradeTimeout.compareTo(unverifiedTimeout) >= 0) {
      problems.add(
          "unverifiedTimeout: "
              + unverifiedTimeout
              + " (expected: > upgradeTimeout "
              + upgradeTimeout
              + ")");
    }
    if (maxPending < maxLeaderMessage) {
      problems.add("maxPending: " + maxPending + " (expected: >= maxLeaderMessage)");
    }
    return problems;
  }

  private Map<String, Duration> durations() {
    Map<String, Duration> all = new TreeMap<>();
    all.put("connectTimeout", connectTimeout);
    all.put("tlsTimeout", tlsTimeout);
    all.put("upgradeTimeout", upgradeTimeout);
    all.put("verifyTimeout", verifyTimeout);
    all.put("unverifiedTimeout", unverifiedTimeout);
    all.put("linkIdleTimeout", linkIdleTimeout);
    all.put("closeTimeout", closeTimeout);
    all.put("downloadIdleTimeout", downloadIdleTimeout);
    all.put("downloadTimeout", downloadTimeout);
    all.put("probeTimeout", probeTimeout);
    return all;
  }

  private Map<String, Integer> bounds() {
    Map<String, Integer> all = new TreeMap<>();
    all.put("maxConnections", maxConnections);
    all.put("maxUnverified", maxUnverified);
    all.put("maxDownloads", maxDownloads);
    all.put("maxFollowerMessage", maxFollowerMessage);
    all.put("maxLeaderMessage", maxLeaderMessage);
    all.put("maxPending", maxPending);
    all.put("maxSnapshot", maxSnapshot);
    return all;
  }
}
