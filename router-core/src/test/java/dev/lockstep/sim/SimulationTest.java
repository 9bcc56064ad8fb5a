package dev.lockstep.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Marks;
import dev.lockstep.sim.engine.Trace;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Thousands of schedules of a whole mesh. {@code -Dlockstep.schedules=N} says how many, {@code
 * -Dlockstep.first=S} where to begin; {@code -Dlockstep.seed=S} replays one and leaves its whole
 * trace in {@code target/simulation-S.txt}.
 */
final class SimulationTest {

  /** For a minute's {@code mvn test}; {@code mvn verify} explores 20,000. */
  private static final int SCHEDULES = 1_000;

  private static final int SHOWN = 200;

  /** Fewer schedules than this need not meet everything. */
  private static final int ENOUGH_FOR_ALL_MARKS = 10_000;

  @Test
  void everyInvariantHoldsInEverySchedule() throws IOException {
    Long seed = Long.getLong("lockstep.seed");
    if (seed != null) {
      replay(seed);
    } else {
      long first = Long.getLong("lockstep.first", 1);
      explore(first, Integer.getInteger("lockstep.schedules", SCHEDULES));
    }
  }

  /** Rule P50, for the whole mesh: nothing depends on where an object lies in memory. */
  @Test
  void sameSeedGivesTheSameSchedule() {
    for (long seed = 1; seed <= 40; seed++) {
      assertThat(traceOf(seed)).as("seed %d", seed).isEqualTo(traceOf(seed));
    }
  }

  private static List<String> traceOf(long seed) {
    Trace trace = new Trace(1_000_000);
    new Schedule(seed, Set.of(), trace).run();
    return trace.lines();
  }

  private static void explore(long first, int schedules) {
    Marks marks = new Marks();
    LongAdder events = new LongAdder();
    ConcurrentSkipListMap<Long, String> failures = new ConcurrentSkipListMap<>();
    LongStream.range(first, first + schedules)
        .parallel()
        .forEach(
            seed -> {
              if (failures.size() < 3) {
                String failure = run(seed, marks, events);
                if (!failure.isEmpty()) {
                  failures.put(seed, failure);
                }
              }
            });
    System.out.println(schedules + " schedules, " + events + " events; " + marks);
    assertThat(failures.values()).as("failing schedules").isEmpty();
    if (schedules >= ENOUGH_FOR_ALL_MARKS) {
      List<Mark> missed = marks.missed();
      assertThat(missed).as("what no schedule met").isEmpty();
    }
  }

  private static String run(long seed, Marks marks, LongAdder events) {
    Trace trace = new Trace(SHOWN);
    try {
      Schedule schedule = new Schedule(seed, Set.of(), trace);
      schedule.run();
      marks.add(schedule.marks());
      events.add(schedule.events());
      return "";
    } catch (AssertionError | RuntimeException failure) {
      return "\nseed "
          + seed
          + ": "
          + text(failure)
          + "\n"
          + replayCommand(seed)
          + "\n"
          + String.join("\n", trace.lines())
          + "\n"
          + replayCommand(seed)
          + "\n";
    }
  }

  private static void replay(long seed) throws IOException {
    Trace trace = new Trace(1_000_000);
    String outcome = "converged";
    try {
      new Schedule(seed, Set.of(), trace).run();
    } catch (AssertionError | RuntimeException failure) {
      outcome = text(failure);
      throw failure;
    } finally {
      Path file = Path.of("target", "simulation-" + seed + ".txt");
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, String.join("\n", trace.lines()) + "\n" + outcome + "\n");
    }
  }

  private static String replayCommand(long seed) {
    return "replay: mvn -pl router-core test -Dtest=SimulationTest -Dlockstep.seed=" + seed;
  }

  private static String text(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
