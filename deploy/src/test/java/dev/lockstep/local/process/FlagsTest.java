package dev.lockstep.local.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.local.process.Flags.Flag;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Command lines. */
final class FlagsTest {
  @Test
  void bothSpellingsAndSwitches() {
    List<String> arguments = List.of("--a", "1", "--quick", "--b=x=y");
    assertThat(Flags.parse(arguments, Set.of("--quick")))
        .containsExactly(
            new Flag("--a", "1"), new Flag("--quick", "--quick"), new Flag("--b", "x=y"));
  }

  @Test
  void flagWithoutItsValueIsWrong() {
    for (List<String> arguments : List.of(List.of("--a"), List.of("--a="))) {
      assertThatThrownBy(() -> Flags.parse(arguments, Set.of()))
          .hasMessage("--a: unknown, or without its value (see --help)");
    }
  }
}
