package dev.lockstep.sim.broken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a patch is read, and how it is applied. */
final class PatchReaderTest {

  private static final String PATCH =
      """
      # A comment, and a line without anything

      patch one-is-two
      rules P1, trap 2
      because one looks like two
        to those who do not look
      expect SomeInvariant
      file core/One.java
      find
          return 1;
      replace
          return 2;
      end
      find
        int zero()
      replace
      end
      """;

  private static final String SOURCE =
      """
      int one() {
          return
              1;
      }
        int zero();
      """;

  @Test
  void aPatchSaysWhatItBreaksWhyAndWhere() {
    Patch patch = PatchReader.read("a.txt", PATCH).getFirst();
    assertThat(patch.name()).isEqualTo("one-is-two");
    assertThat(patch.rules()).containsExactly("P1", "trap 2");
    assertThat(patch.because()).isEqualTo("one looks like two to those who do not look");
    assertThat(patch.expected()).isEqualTo("SomeInvariant");
    assertThat(patch.edits()).hasSize(2);
    assertThat(patch.edits().get(1)).isEqualTo(new Patch.Edit("core/One.java", "  int zero()", ""));
  }

  @Test
  void aFileHoldsManyPatches() {
    List<Patch> patches = PatchReader.read("a.txt", PATCH + "\n" + PATCH.replace("two", "three"));
    assertThat(patches).extracting(Patch::name).containsExactly("one-is-two", "one-is-three");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rules P1, trap 2|rules|a.txt:4: \"rules\" (expected: rules …)",
        "patch one-is-two|match|a.txt:3: \"match\" (expected: patch …)",
        "'    return 1;'|''|a.txt:11: nothing to find in core/One.java (expected: the lines",
        "file core|found core|a.txt:8: patch one-is-two changes nothing (expected: file PATH",
        "'replace\nend'|replace|a.txt:15: the text that begins in line 17 has no end",
      })
  void aBadPatchIsRefusedWithItsLine(String from, String to, String complaint) {
    assertThatThrownBy(() -> PatchReader.read("a.txt", PATCH.replace(from, to)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(complaint.substring(0, 6))
        .hasMessageContaining(complaint.substring(complaint.indexOf(' ') + 1));
  }

  @Test
  void whiteSpaceMayDifferFromTheSource() {
    Patch patch = PatchReader.read("a.txt", PATCH).getFirst();
    Sources changed = new Sources(Map.of("core/One.java", SOURCE, "b", "")).changedBy(patch);
    assertThat(changed.files()).containsOnlyKeys("core/One.java");
    assertThat(changed.files().get("core/One.java")).contains("return 2;").doesNotContain("zero()");
  }

  @Test
  void whatDoesNotStandThereExactlyOnceIsRefused() {
    Patch patch = PatchReader.read("a.txt", PATCH).getFirst();
    Sources none = new Sources(Map.of("core/One.java", "int two() {}"));
    assertThatThrownBy(() -> none.changedBy(patch))
        .hasMessageContaining("patch one-is-two: stands 0 times in core/One.java");
    Sources twice = new Sources(Map.of("core/One.java", SOURCE + SOURCE));
    assertThatThrownBy(() -> twice.changedBy(patch)).hasMessageContaining("stands 2 times");
    Sources elsewhere = new Sources(Map.of("core/Two.java", SOURCE));
    assertThatThrownBy(() -> elsewhere.changedBy(patch)).hasMessageContaining("is not there");
  }
}
