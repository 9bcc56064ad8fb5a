package dev.lockstep.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The same seed gives the same bytes on any machine (rule P50, for the whole mesh). What the
 * schedules of the first seeds were where this was written is in a file; whoever changes the
 * protocol or the simulator writes it anew: {@code REWRITE=1 mvn -pl router-core test
 * -Dtest=SameBytesTest}.
 */
final class SameBytesTest {

  private static final int SEEDS = 40;
  private static final Path WRITTEN = Path.of("src", "test", "resources", "sim", "schedules.txt");

  @Test
  void aSeedIsTheSameScheduleAsWhereThisWasWritten() throws IOException {
    String seen = String.join("\n", Fingerprints.of(SEEDS)) + "\n";
    if ("1".equals(System.getenv("REWRITE"))) {
      Files.writeString(WRITTEN, seen);
    } else {
      assertThat(seen)
          .as(
              "schedules; if they should differ now: REWRITE=1 mvn -pl router-core test -Dtest=%s",
              SameBytesTest.class.getSimpleName())
          .isEqualTo(Files.readString(WRITTEN));
    }
  }

  /** Each line is another machine: other words for things, other addresses, other threads. */
  @Tag("exploration")
  @ParameterizedTest
  @CsvSource({
    "40, -Duser.language=tr -Duser.country=TR -Duser.timezone=Asia/Kathmandu",
    "40, -Duser.language=th -Duser.variant=TH -Duser.timezone=Pacific/Chatham -Dline.separator=x",
    "40, -XX:+UnlockExperimentalVMOptions -XX:hashCode=2 -XX:+UseSerialGC",
    "40, -XX:+UnlockExperimentalVMOptions -XX:hashCode=3 -XX:ActiveProcessorCount=7",
    "40, -XX:TieredStopAtLevel=1 -XX:+UseParallelGC -XX:ActiveProcessorCount=1",
    "4, -Xint -Dfile.encoding=COMPAT"
  })
  void anotherMachineRunsTheSameSchedules(int seeds, String options) throws IOException {
    List<String> written = Files.readAllLines(WRITTEN).subList(0, seeds);
    assertThat(elsewhere(seeds, options)).isEqualTo(String.join("\n", written) + "\n");
  }

  private static String elsewhere(int seeds, String options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options.split(" ")));
    command.add("-cp");
    command.add(
        Path.of("target", "classes")
            + System.getProperty("path.separator")
            + Path.of("target", "test-classes"));
    command.add(Fingerprints.class.getName());
    command.add(Integer.toString(seeds));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var output = process.getInputStream()) {
      return new String(output.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
