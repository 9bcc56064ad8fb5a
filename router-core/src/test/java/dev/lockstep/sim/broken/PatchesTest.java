package dev.lockstep.sim.broken;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The patches are as many as they should be, and fit the code of now. */
final class PatchesTest {

  private static final Pattern RULE = Pattern.compile("(?m)^- \\*\\*(P[0-9]+)\\*\\*");

  @Test
  void everyPatchFitsTheSourcesAsTheyAre() {
    Sources sources = Sources.of(Path.of(""));
    List<Patch> patches = Patches.all();
    assertThat(patches).hasSizeGreaterThanOrEqualTo(40);
    assertThat(patches).extracting(Patch::name).doesNotHaveDuplicates();
    for (Patch patch : patches) {
      Sources changed = sources.changedBy(patch);
      assertThat(changed.files())
          .as(patch.name())
          .allSatisfy((file, text) -> assertThat(text).isNotEqualTo(sources.files().get(file)));
    }
  }

  @Test
  void everyRuleIsBrokenByAPatchOrSaysWhyNot() throws IOException {
    TreeSet<String> broken = new TreeSet<>();
    Patches.all().forEach(patch -> broken.addAll(patch.rules()));
    TreeSet<String> unbroken = new TreeSet<>(Patches.without().keySet());
    TreeSet<String> rules = new TreeSet<>();
    String protocol = Files.readString(Path.of("..", "docs", "protocol.md"));
    RULE.matcher(protocol).results().forEach(found -> rules.add(found.group(1)));
    for (int trap = 1; trap <= 11; trap++) {
      rules.add("trap " + trap);
    }
    assertThat(rules).hasSizeGreaterThan(50);
    TreeSet<String> covered = new TreeSet<>(broken);
    covered.addAll(unbroken);
    assertThat(covered).isEqualTo(rules);
    unbroken.retainAll(broken);
    assertThat(unbroken).as("rules that say why not, and have a patch").isEmpty();
  }
}
