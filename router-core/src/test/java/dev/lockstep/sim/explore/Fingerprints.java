package dev.lockstep.sim.explore;

import dev.lockstep.sim.engine.Trace;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What schedules look like from far: for each seed, how many lines its whole trace has, and the
 * SHA-256 of them. Two machines that print the same for a seed have run the same schedule.
 */
final class Fingerprints {

  private static final int ALL_LINES = 100_000;

  private Fingerprints() {}

  /** Prints those of the seeds from 1 to the number that is given. */
  public static void main(String[] arguments) {
    StringBuilder text = new StringBuilder();
    of(Integer.parseInt(arguments[0])).forEach(line -> text.append(line).append('\n'));
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    System.out.write(bytes, 0, bytes.length); // Not println: its line ends are the machine's.
    System.out.flush();
  }

  /** {@return one line for each seed, from 1} */
  static List<String> of(int seeds) {
    return IntStream.rangeClosed(1, seeds).parallel().mapToObj(Fingerprints::line).toList();
  }

  private static String line(int seed) {
    Trace trace = new Trace(ALL_LINES);
    new Schedule(seed, Set.of(), trace).run();
    List<String> happened = trace.lines();
    return "seed " + seed + ": " + happened.size() + " lines, " + sha256(happened);
  }

  private static String sha256(List<String> lines) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String line : lines) {
        digest.update(line.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
