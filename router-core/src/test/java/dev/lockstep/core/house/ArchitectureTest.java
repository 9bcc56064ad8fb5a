package dev.lockstep.core.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.Replica;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

/** Who may know whom in core, read from the compiled classes by the JDK's own jdeps. */
final class ArchitectureTest {
  private static final String CORE = "dev.lockstep.core";

  /** What core may use of the platform; the last two are what records and switches compile to. */
  private static final List<String> PLATFORM =
      List.of(
          "java.lang",
          "java.util",
          "java.util.function",
          "java.util.stream",
          "java.util.random",
          "java.time",
          "java.security",
          "java.nio.charset",
          "org.jspecify.annotations",
          "java.lang.invoke",
          "java.lang.runtime");

  /** Arrows between the packages of core; each may use itself. */
  private static final Map<String, List<String>> ARROWS =
      Map.of(
          "config", List.of(),
          "protocol", List.of("config"),
          "routing", List.of("config"),
          "lease", List.of("config", "protocol"),
          "membership", List.of("config", "protocol"),
          "replication", List.of("config", "protocol"),
          "", List.of("config", "protocol", "lease", "membership", "replication"));

  @Test
  void coreUsesNothingButThePlatformSubset() throws URISyntaxException {
    Set<String> used = new TreeSet<>();
    dependencies().values().forEach(used::addAll);
    used.removeIf(name -> name.startsWith(CORE));
    assertThat(used).isSubsetOf(PLATFORM);
  }

  @Test
  void packagesOfCoreKnowOnlyWhatIsBelowThem() throws URISyntaxException {
    Map<String, Set<String>> dependencies = dependencies();
    assertThat(dependencies.keySet()).as("packages").hasSize(ARROWS.size());
    dependencies.forEach(
        (name, used) -> {
          Set<String> allowed = new TreeSet<>();
          allowed.add(name);
          ARROWS.get(shortName(name)).forEach(below -> allowed.add(CORE + "." + below));
          Set<String> own = new TreeSet<>(used);
          own.removeIf(other -> !other.startsWith(CORE));
          assertThat(own).as("what " + name + " uses of core").isSubsetOf(allowed);
        });
  }

  @Test
  void jdepsSeesTheArrowsThatExist() throws URISyntaxException {
    // Guards the test itself: an output that is not understood would pass everything.
    assertThat(dependencies().get(CORE + ".lease")).contains(CORE + ".protocol", "java.util");
  }

  private static String shortName(String name) {
    return name.equals(CORE) ? "" : name.substring(CORE.length() + 1);
  }

  /** Package by package, what each uses. */
  private static Map<String, Set<String>> dependencies() throws URISyntaxException {
    Path classes =
        Path.of(Replica.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    StringWriter out = new StringWriter();
    ToolProvider jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
    PrintWriter writer = new PrintWriter(out, true);
    int status =
        jdeps.run(
            writer,
            writer,
            "-verbose:package",
            "-filter:none",
            "--ignore-missing-deps",
            "--multi-release",
            "base",
            classes.toString());
    assertThat(status).as(out.toString()).isZero();
    return parse(out.toString());
  }

  /** A line of four words says: package, arrow, package, and where that one lives. */
  private static Map<String, Set<String>> parse(String output) {
    Map<String, Set<String>> dependencies = new TreeMap<>();
    for (String line : output.lines().map(String::strip).toList()) {
      List<String> words = List.of(line.split("\\s+"));
      if (words.size() == 4 && words.get(1).equals("->")) {
        dependencies.computeIfAbsent(words.get(0), name -> new TreeSet<>()).add(words.get(2));
      }
    }
    return dependencies;
  }
}
