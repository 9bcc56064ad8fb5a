package dev.lockstep.local.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Short commands that end by themselves, and where programs are. */
public final class Commands {
  private Commands() {}

  /**
   * The end of a command.
   *
   * @param exitCode its exit code
   * @param output what it wrote to both outputs, in UTF-8
   */
  public record Result(int exitCode, String output) {
    /** {@return whether it ended with 0} */
    public boolean succeeded() {
      return exitCode == 0;
    }
  }

  /** {@return the end of the command, with empty input} */
  public static Result run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in " + String.join(" ", command), e);
    }
  }

  /** {@return the program of this name in the folders of a PATH} */
  public static Optional<Path> find(String program, String path) {
    for (String folder : path.split(":", -1)) {
      Path candidate = Path.of(folder.isEmpty() ? "." : folder, program);
      if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
        return Optional.of(candidate.toAbsolutePath());
      }
    }
    return Optional.empty();
  }
}
