package dev.lockstep.bench.tool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A process and what it has started, as Linux tells of them in {@code /proc}.
 *
 * @param root the process
 */
public record ProcessTree(long root) {
  /** The kernel's unit of processor time towards programs: 100 on all machines with a JDK. */
  private static final int TICKS_PER_SECOND = 100;

  private static final Path PROC = Path.of("/proc");
  private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+(\\d+) kB$");
  private static final int USER = 11;
  private static final int SYSTEM = 12;

  /** {@return whether this system tells} */
  public static boolean told() {
    return Files.isReadable(PROC.resolve("self/stat"));
  }

  /** {@return the processor time of all of them so far, in the kernel and outside} */
  public Duration processorTime() {
    return texts("stat").map(ProcessTree::processorTime).reduce(Duration.ZERO, Duration::plus);
  }

  /**
   * {@return the most memory that each of them ever had resident, added up, in bytes; pages that
   * they share count for each}
   */
  public long peakBytes() {
    return texts("status").mapToLong(ProcessTree::peakBytes).sum();
  }

  /** {@return the processor time in the text of a {@code stat} file} */
  static Duration processorTime(String stat) {
    // Behind the name in brackets, which may hold spaces and brackets itself.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    long ticks = Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]);
    return Duration.ofMillis(ticks * 1_000 / TICKS_PER_SECOND);
  }

  /** {@return the peak in the text of a {@code status} file; 0 for a process that has ended} */
  static long peakBytes(String status) {
    return PEAK.matcher(status)
        .results()
        .mapToLong(found -> 1024 * Long.parseLong(found.group(1)))
        .sum();
  }

  private Stream<String> texts(String file) {
    Stream<Long> below =
        ProcessHandle.of(root).stream().flatMap(ProcessHandle::descendants).map(ProcessHandle::pid);
    List<Long> pids = Stream.concat(Stream.of(root), below).toList();
    return pids.stream().flatMap(pid -> read(pid, file).stream());
  }

  private static Optional<String> read(long pid, String file) {
    try {
      return Optional.of(Files.readString(PROC.resolve(Long.toString(pid)).resolve(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // It ended since it was listed.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
