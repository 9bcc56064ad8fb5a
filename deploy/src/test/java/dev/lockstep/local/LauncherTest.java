package dev.lockstep.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which Java the launcher takes, with Java homes that only look like some. */
final class LauncherTest {
  @TempDir private Path folder;
  private Path launcher;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void installLauncher() throws IOException {
    Path root = Path.of("").toAbsolutePath();
    Path source = root.resolve("../router-agent/src/main/dist/bin/lockstep").normalize();
    launcher = folder.resolve("dist/bin/lockstep");
    Files.createDirectories(launcher.getParent());
    Files.copy(source, launcher);
    environment.put("PATH", "/usr/bin:/bin");
    environment.put("HOME", folder.toString());
  }

  @Test
  void theNamedJavaComesFirst() throws IOException {
    java("jre", 25);
    environment.put("JAVA_HOME", java("java-home", 26).toString());
    Path named = java("named", 25);
    environment.put("LOCKSTEP_JAVA_HOME", named.toString());
    assertThat(printed()).isEqualTo(named.toString());
  }

  @Test
  void anUnsuitableNamedJavaIsAnError() throws IOException {
    java("jre", 25);
    Path old = java("old", 17);
    environment.put("LOCKSTEP_JAVA_HOME", old.toString());
    assertThat(printed())
        .isEqualTo("lockstep: LOCKSTEP_JAVA_HOME=" + old + " is not a Java 25 or later");
  }

  @Test
  void theBundledJavaComesBeforeJavaHome() throws IOException {
    Path bundled = java("dist/jre", 25);
    environment.put("JAVA_HOME", java("java-home", 26).toString());
    assertThat(printed()).isEqualTo(bundled.toString());
  }

  @Test
  void anOldJavaHomeIsPassedOver() throws IOException {
    Path newer = java(".jdks/newer", 99);
    environment.put("JAVA_HOME", java("java-home", 21).toString());
    assertThat(printed()).isEqualTo(newer.toString());
  }

  @Test
  void theNewestIsTakenFromTheUsualPlaces() throws IOException {
    java(".jdks/one", 97);
    Path newest = java(".sdkman/candidates/java/two", 98);
    environment.put("PATH", java("in-path", 26).resolve("bin") + ":/usr/bin:/bin");
    assertThat(printed()).isEqualTo(newest.toString());
  }

  @Test
  void itWorksThroughALink() throws IOException {
    Path bundled = java("dist/jre", 25);
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, launcher);
    launcher = link;
    assertThat(printed()).isEqualTo(bundled.toString());
  }

  @Test
  void theAgentGetsItsFlagsAndTheCacheIfThereIsOne() throws IOException {
    java("dist/jre", 25);
    Files.createDirectories(folder.resolve("dist/lib"));
    Files.createFile(folder.resolve("dist/lib/lockstep.aot"));
    environment.put("LOCKSTEP_JAVA_OPTS", "-Xmx100m -Dx=y");
    assertThat(run("agent", "--a=b c"))
        .contains("-XX:+UseCompactObjectHeaders", "-Xmx100m", "-Dx=y")
        .contains("-XX:AOTCache=" + folder.resolve("dist/lib/lockstep.aot"))
        .containsSubsequence("dev.lockstep.agent.Main", "agent", "--a=b c");
    assertThat(run("status")).contains("-XX:TieredStopAtLevel=1").endsWith("status");
  }

  private String printed() throws IOException {
    return String.join("\n", run("--print-java-home"));
  }

  private List<String> run(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("sh", launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return output.lines().toList();
  }

  /** Makes a Java home whose java prints its arguments, a line each. */
  private Path java(String name, int version) throws IOException {
    Path home = folder.resolve(name);
    Path java = home.resolve("bin/java");
    Files.createDirectories(java.getParent());
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + ".0.1\"\n");
    Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return home.toRealPath();
  }
}
