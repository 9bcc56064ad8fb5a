package dev.lockstep.agent.proxy.suite;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A program of a suite, as a process of its own, that ends with its test. */
final class Program implements AutoCloseable {
  /** For a Java program that is short-lived, and says nothing about what it reaches into. */
  private static final List<String> JAVA =
      List.of(
          ProcessHandle.current().info().command().orElse("java"),
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1");

  private final String name;
  private final Process process;
  private final StringBuilder printed = new StringBuilder();

  private Program(List<String> words) {
    try {
      name = words.getFirst();
      process = new ProcessBuilder(words).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Program start(List<String> words) {
    return new Program(words);
  }

  /** Starts a Java program with this class path, of as many words as it wants. */
  static Program java(String classPath, List<String> words) {
    return start(Stream.of(JAVA, List.of("-cp", classPath), words).flatMap(List::stream).toList());
  }

  /** {@return where this program is} The test is skipped where it is not. */
  static String find(String name, String howToGetIt) {
    Optional<Path> found =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .map(folder -> Path.of(folder, name))
            .filter(Files::isExecutable)
            .findFirst();
    require(found.isPresent(), name + ": not found (" + howToGetIt + ")");
    return found.orElseThrow().toString();
  }

  /** Skips the test, with this line, unless it is true. */
  static void require(boolean given, String otherwise) {
    if (!given) {
      System.out.println("skipped: " + otherwise);
    }
    assumeTrue(given, otherwise);
  }

  /** Waits until it prints such a line. */
  void awaitLine(Pattern wanted) {
    try {
      BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        printed.append(line).append('\n');
        if (wanted.matcher(line).find()) {
          return;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError(name + ": ended before " + wanted + ": " + printed);
  }

  /** {@return all lines, once it has ended} It must end by itself within this time. */
  List<String> lines(Duration limit) {
    CompletableFuture<List<String>> lines =
        CompletableFuture.supplyAsync(
            () -> process.inputReader(StandardCharsets.UTF_8).lines().toList());
    try {
      return lines.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(name + ": not done within " + limit, e);
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(name, e);
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
