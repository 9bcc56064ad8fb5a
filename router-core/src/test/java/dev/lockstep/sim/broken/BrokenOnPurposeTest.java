package dev.lockstep.sim.broken;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The oracle has eyes: with one rule broken on purpose, some schedule violates an invariant. {@code
 * -Dbroken.only=REGEX} says which patches to try, {@code -Dbroken.schedules=N} after how many
 * schedules to give up; {@code -Dbroken.write} leaves the table in {@code RESULTS.md}.
 */
@Tag("exploration")
final class BrokenOnPurposeTest {

  private static final long SCHEDULES = 30_000;

  private static final String NAMED = "NamedFaultsTest";

  private static final Results RESULTS = new Results();

  @TestFactory
  Stream<DynamicTest> everyBrokenRuleIsNoticed(@TempDir Path folder) throws IOException {
    Pattern only = Pattern.compile(System.getProperty("broken.only", ".*"));
    long schedules = Long.getLong("broken.schedules", SCHEDULES);
    List<Patch> chosen =
        Patches.all().stream().filter(patch -> only.matcher(patch.name()).matches()).toList();
    assertThat(chosen).as("patches with a name like " + only).isNotEmpty();
    Build build = Build.of(Sources.of(Path.of("")), folder);
    return chosen.stream()
        .map(
            patch ->
                DynamicTest.dynamicTest(patch.name(), () -> isNoticed(patch, build, schedules)));
  }

  private static void isNoticed(Patch patch, Build build, long schedules)
      throws ReflectiveOperationException, IOException, InterruptedException {
    Optional<Search.Found> found;
    long start = System.nanoTime();
    try (URLClassLoader broken = build.with(patch)) {
      int threads = Runtime.getRuntime().availableProcessors();
      found = new Search(trial(patch, broken), patch.expected(), schedules).run(threads);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    if (found.isPresent()) {
      RESULTS.noticed(patch, found.get(), seconds);
    } else {
      RESULTS.missed(patch, schedules, seconds);
    }
    System.out.println(RESULTS.last());
    assertThat(found)
        .as("a schedule that notices %s: %s", patch.name(), patch.because())
        .isPresent();
  }

  @SuppressWarnings("unchecked")
  private static LongFunction<String> trial(Patch patch, ClassLoader broken)
      throws ReflectiveOperationException {
    String trial = patch.expected().equals(NAMED) ? "NamedTrial" : "explore.Trial";
    Class<?> type = broken.loadClass("dev.lockstep.sim." + trial);
    assertThat(type.getClassLoader()).as("what loads the broken classes").isSameAs(broken);
    return (LongFunction<String>) type.getConstructor().newInstance();
  }

  @AfterAll
  static void tellResults() throws IOException {
    System.out.println("\n" + RESULTS);
    if (System.getProperty("broken.write") != null) {
      String head = "# What the simulation noticed\n\nWritten by a run; README.md says how.\n\n";
      Files.writeString(Patches.FOLDER.resolve("RESULTS.md"), head + RESULTS);
    }
  }
}
