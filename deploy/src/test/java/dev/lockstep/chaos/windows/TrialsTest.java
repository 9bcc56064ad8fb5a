package dev.lockstep.chaos.windows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.chaos.oracle.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trials are kept, and a run that was stopped goes on. */
final class TrialsTest {
  private static final Row KILLED = new Row(Trouble.LEADER_KILLED, 3, 1, Duration.ZERO);
  private static final Row MINUTE = new Row(Trouble.API_AWAY, 3, 1, Duration.ofMinutes(1));
  private static final Row TEN = new Row(Trouble.API_AWAY, 3, 1, Duration.ofMinutes(10));

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("trials.jsonl");
  }

  @Test
  void aNewFolderHasNone() {
    assertThat(Trials.open(file).of(KILLED)).isEmpty();
    assertThat(file).doesNotExist();
  }

  @Test
  void whatWasAddedIsThereForTheNextRun() {
    Trials trials = Trials.open(file);
    trials.add(trial(KILLED, 1_500));
    trials.add(trial(MINUTE, 900));
    trials.add(trial(KILLED, 1_600));

    Trials again = Trials.open(file);
    assertThat(again.of(KILLED)).containsExactly(trial(KILLED, 1_500), trial(KILLED, 1_600));
    assertThat(again.of(MINUTE)).containsExactly(trial(MINUTE, 900));
  }

  @Test
  void anotherTimeAwayIsAnotherRow() {
    Trials trials = Trials.open(file);
    trials.add(trial(MINUTE, 900));
    assertThat(trials.of(TEN)).isEmpty();
  }

  @Test
  void aBarrierThatNeverOpenedIsKeptAsSuch() {
    Trial never =
        new Trial(
            KILLED,
            new Trial.Windows(Optional.empty(), Optional.empty(), Optional.empty()),
            Map.of(Outcome.FAILED, 3L),
            Duration.ofSeconds(200));
    Trials.open(file).add(never);
    assertThat(Trials.open(file).of(KILLED)).containsExactly(never);
  }

  @Test
  void aLineThatWasCutByAKillIsForgotten() throws IOException {
    Trials.open(file).add(trial(KILLED, 1_500));
    Files.writeString(file, "{\"trouble\":\"leader-ki", StandardOpenOption.APPEND);

    Trials again = Trials.open(file);
    again.add(trial(KILLED, 1_600));
    assertThat(Trials.open(file).of(KILLED))
        .containsExactly(trial(KILLED, 1_500), trial(KILLED, 1_600));
  }

  @Test
  void aLineThatIsNoTrialIsNotPassedOver() throws IOException {
    for (String line : List.of("rain", "{}", "{\"trouble\":\"rain\"}")) {
      Files.writeString(file, trial(KILLED, 1_500).line() + "\n" + line + "\n");
      assertThatThrownBy(() -> Trials.open(file))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(file + ", line 2: ");
    }
  }

  static Trial trial(Row row, long openMillis) {
    return new Trial(
        row,
        new Trial.Windows(
            Optional.of(Duration.ofMillis(openMillis / 2)),
            Optional.of(Duration.ofMillis(openMillis)),
            Optional.of(Duration.ofMillis(openMillis * 2))),
        Map.of(Outcome.ANSWERED, 100L, Outcome.KILLED, 7L),
        Duration.ofSeconds(20));
  }
}
