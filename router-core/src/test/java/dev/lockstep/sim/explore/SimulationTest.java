package dev.lockstep.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Thousands of schedules of a whole mesh. {@code -Dlockstep.schedules=N} says how many, {@code
 * -Dlockstep.first=S} where to begin; {@code -Dlockstep.seed=S} replays one and leaves its whole
 * trace in {@code target/simulation-S.txt}.
 */
final class SimulationTest {

  /** For a minute's {@code mvn test}; {@code mvn verify} explores 50,000. */
  private static final long SCHEDULES = 1_000;

  /** Fewer schedules than this need not meet everything. */
  private static final long ENOUGH_FOR_ALL_MARKS = 50_000;

  private static final int WHOLE = 1_000_000;

  @Test
  void everyInvariantHoldsInEverySchedule() throws IOException {
    Optional<Plan> plan = Plan.fromProperties();
    if (plan.isPresent()) {
      replay(plan.get());
    } else {
      explore(Long.getLong("lockstep.first", 1), Long.getLong("lockstep.schedules", SCHEDULES));
    }
  }

  private static void explore(long first, long schedules) throws IOException {
    Exploration exploration = Exploration.of(first, schedules);
    System.out.println(exploration.line());
    write("simulation-summary.md", exploration.summary());
    if (!exploration.failures().isEmpty()) {
      throw new AssertionError(report(exploration));
    }
    if (schedules >= ENOUGH_FOR_ALL_MARKS) {
      assertThat(exploration.missed()).as("what no schedule met").isEmpty();
    }
  }

  private static String report(Exploration exploration) {
    StringBuilder text = new StringBuilder("schedules that fail: seeds ");
    text.append(exploration.failedSeeds());
    for (Outcome failed : exploration.failures()) {
      text.append("\n\nseed ").append(failed.schedule().plan().seed()).append(": ");
      text.append(failed.text()).append(String.join("\n", failed.trace().lines()));
    }
    Plan plan = exploration.failures().iterator().next().schedule().plan();
    Plan small = Minimiser.minimise(plan, Set.of());
    Outcome smallest = Outcome.of(small, Set.of(), 1);
    text.append("\n\nthe first one made small: ").append(smallest.violated());
    text.append(", faults ").append(smallest.schedule().faults().struck());
    text.append(", ").append(smallest.schedule().events()).append(" events");
    text.append("\nreplay: ").append(replayCommand(small));
    return text.append("\nwhole:  ").append(replayCommand(plan)).append('\n').toString();
  }

  private static void replay(Plan plan) throws IOException {
    Outcome outcome = Outcome.of(plan, Set.of(), WHOLE);
    write(
        "simulation-" + plan.seed() + ".txt",
        String.join("\n", outcome.trace().lines())
            + "\n"
            + outcome.failure().map(failure -> outcome.text()).orElse("converged")
            + "\n");
    if (outcome.failure().isPresent()) {
      throw new AssertionError(outcome.text());
    }
  }

  private static void write(String name, String text) throws IOException {
    Path file = Path.of("target", name);
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, text);
  }

  private static String replayCommand(Plan plan) {
    return "mvn -pl router-core test -Dtest='SimulationTest#every*' " + plan.asProperties();
  }
}
