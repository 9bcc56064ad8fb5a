package dev.lockstep.local.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Children live and die with their parent. */
final class ChildrenTest {
  @TempDir private Path folder;

  @Test
  void closeStopsWhatStillRuns() {
    Children children = Children.open();
    Child child = children.start(command("sleep", "600"));
    assertThat(child.alive()).isTrue();
    children.close();
    assertThat(child.alive()).isFalse();
  }

  @Test
  void outputsGoToTheLog() throws IOException {
    try (Children children = Children.open()) {
      Child child = children.start(command("sh", "-c", "echo out; echo err >&2; exit 3"));
      assertThat(child.exited().join()).isEqualTo(3);
    }
    assertThat(Files.readAllLines(folder.resolve("log"))).containsExactly("out", "err");
  }

  @Test
  void aPausedChildCanBeResumedAndStopped() {
    try (Children children = Children.open()) {
      Child child = children.start(command("sleep", "600"));
      child.pause();
      assertThat(state(child.pid())).startsWith("T");
      child.resume();
      await().until(() -> state(child.pid()).startsWith("S"));
      child.pause();
      child.stop(Duration.ofMillis(100));
      assertThat(child.alive()).isFalse();
    }
  }

  @Test
  void childrenAndTheirsDieWhenTheirParentIsKilled() throws IOException {
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                folder.resolve("log").toString())
            .start();
    List<Long> orphans;
    try (BufferedReader out = parent.inputReader(StandardCharsets.UTF_8)) {
      orphans = Stream.of(out.readLine().split(" ")).map(Long::valueOf).toList();
    }
    assertThat(orphans).hasSize(2).allMatch(pid -> ProcessHandle.of(pid).isPresent());
    parent.destroyForcibly();
    // A process that nobody waits for stays a zombie until its new parent reaps it: dead enough.
    await().until(() -> orphans.stream().map(ChildrenTest::state).allMatch(ChildrenTest::dead));
  }

  private static boolean dead(String state) {
    return state.isEmpty() || state.startsWith("Z");
  }

  private ChildCommand command(String... arguments) {
    return ChildCommand.of(folder.resolve("log"), List.of(arguments));
  }

  private static String state(long pid) {
    return Commands.run("ps", "-o", "stat=", "-p", Long.toString(pid)).output().strip();
  }

  /** Starts a child with a child, says both pids and waits to be killed. */
  static final class Parent {
    private Parent() {}

    /** Takes the log file. */
    public static void main(String[] arguments) {
      List<String> script = List.of("sh", "-c", "sleep 600 & wait");
      Child child = Children.open().start(ChildCommand.of(Path.of(arguments[0]), script));
      ProcessHandle shell = ProcessHandle.of(child.pid()).orElseThrow();
      await().until(() -> shell.children().findAny().isPresent());
      System.out.println(child.pid() + " " + shell.children().findAny().orElseThrow().pid());
      child.exited().join();
    }
  }
}
