package dev.lockstep.core.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The house style, as far as a program can check it, over all sources of all modules. */
final class HouseStyleTest {
  private static final int SMALLEST_PACKAGE = 2;
  private static final int LARGEST_PACKAGE = 20;

  private static List<SourceFile> sources = List.of();

  @BeforeAll
  static void readSources() {
    sources = Sources.all();
    assertThat(sources).as("sources that were found").hasSizeGreaterThan(100);
  }

  @Test
  void linesFilesMethodsAndNestingAreSmall() {
    assertThat(findings(Sizes::check)).isEmpty();
  }

  @Test
  void namesSaySomethingAndNothingIsLeftForLater() {
    assertThat(findings(Words::check)).isEmpty();
  }

  @Test
  void coreIsPure() {
    assertThat(findings(file -> file.isCoreMain() ? Purity.check(file) : List.of())).isEmpty();
  }

  @Test
  void packagesHaveAHandfulOfFiles() {
    Map<Path, Integer> files = new TreeMap<>();
    for (SourceFile file : sources) {
      if (!file.isDescription()) {
        files.merge(file.path().getParent(), 1, Integer::sum);
      }
    }
    List<String> findings = new ArrayList<>();
    files.forEach(
        (directory, count) -> {
          boolean main = directory.toString().contains("/src/main/");
          if (count > LARGEST_PACKAGE || (main && count < SMALLEST_PACKAGE)) {
            findings.add(directory + ": " + count + " files (expected: 2 to 20)");
          }
        });
    assertThat(findings).isEmpty();
  }

  @Test
  void everyPackageIsDescribed() {
    List<Path> described =
        sources.stream().filter(SourceFile::isPackageInfo).map(f -> f.path().getParent()).toList();
    List<Path> missing =
        sources.stream()
            .filter(file -> !file.isTest() && !file.isDescription())
            .map(file -> file.path().getParent())
            .distinct()
            .filter(directory -> !described.contains(directory))
            .toList();
    assertThat(missing).as("packages without package-info.java").isEmpty();
  }

  private static List<Finding> findings(Function<SourceFile, List<Finding>> rule) {
    return sources.stream().flatMap(file -> rule.apply(file).stream()).toList();
  }
}
