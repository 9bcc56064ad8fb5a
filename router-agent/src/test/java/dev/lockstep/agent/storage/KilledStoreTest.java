package dev.lockstep.agent.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.core.config.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes: one that is killed while it writes, and one whose disk is full. */
class KilledStoreTest {
  @TempDir private Path temp;

  @Test
  void whatWasDurableSurvivesAKill() throws Exception {
    for (int round = 1; round <= 3; round++) {
      Path said = temp.resolve("said" + round);
      Process victim = start(List.of(), 1_000_000, said);
      int enough = 100 * round;
      await().atMost(Duration.ofSeconds(60)).until(() -> lines(said).size() > enough);
      victim.destroyForcibly();
      assertThat(victim.waitFor(60, TimeUnit.SECONDS)).isTrue();
      long acked = Long.parseLong(lines(said).getLast());

      Snapshot loaded = load();

      // At most the one that was under way is there without having been reported.
      assertThat(loaded.version().value()).as("round %d", round).isBetween(acked, acked + 1);
      assertThat(loaded).isEqualTo(StoreVictim.at(loaded.version().value()));
    }
  }

  @Test
  void aFullDiskIsReportedAndHarmsNothingOlder() throws Exception {
    Path said = temp.resolve("said");
    // A limit on the size of a file fails a write in the middle, as a full disk does.
    Process victim = start(List.of("sh", "-c", "ulimit -f 64; exec \"$@\"", "sh"), 200, said);
    assertThat(victim.waitFor(60, TimeUnit.SECONDS)).isTrue();
    List<String> lines = lines(said);

    long durable =
        lines.stream()
            .filter(line -> !line.startsWith("lost"))
            .mapToLong(Long::parseLong)
            .max()
            .orElseThrow();
    assertThat(lines.stream().filter(line -> line.startsWith("lost"))).isNotEmpty();
    assertThat(load()).isEqualTo(StoreVictim.at(durable));
  }

  /** Whole lines: the last one may be under way. */
  private static List<String> lines(Path said) throws IOException {
    String text = Files.readString(said);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  private Snapshot load() {
    try (SnapshotStore store = new SnapshotStore(temp.resolve("state"), temp.resolve("key"))) {
      return store.load().orElseThrow();
    }
  }

  private Process start(List<String> wrapper, int versions, Path said) throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx128m",
            "-XX:-UsePerfData",
            "-cp",
            System.getProperty("java.class.path"),
            StoreVictim.class.getName(),
            temp.resolve("state").toString(),
            temp.resolve("key").toString(),
            String.valueOf(versions)));
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .redirectOutput(said.toFile())
        .start();
  }
}
