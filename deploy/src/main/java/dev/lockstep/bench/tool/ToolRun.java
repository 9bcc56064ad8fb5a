package dev.lockstep.bench.tool;

import dev.lockstep.local.process.Child;
import dev.lockstep.local.process.ChildCommand;
import dev.lockstep.local.process.Children;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs tools as children, which die with us, and reads what they wrote. Confined to one thread. */
public final class ToolRun {
  private final Children children;
  private final Path folder;
  private int turn;

  /** Keeps the outputs in this folder. */
  public ToolRun(Children children, Path folder) {
    this.children = children;
    this.folder = folder;
  }

  /**
   * The end of a tool.
   *
   * @param exitCode its exit code
   * @param text what it wrote to both outputs
   */
  public record Output(int exitCode, String text) {
    /** {@return the same, of a tool that ended well} */
    Output orThrow(String tool) {
      if (exitCode != 0) {
        throw new IllegalStateException(tool + ": exit code " + exitCode + ": " + text.strip());
      }
      return this;
    }
  }

  /** {@return a file for what a tool writes beside its output; it is not there yet} */
  Path newFile(String name) {
    turn++;
    return folder.resolve(turn + "-" + name);
  }

  /** {@return the end of this command} */
  Output run(List<String> command) {
    return runAll(List.of(command)).getFirst();
  }

  /** {@return the ends of these commands, which run at the same time} */
  List<Output> runAll(List<List<String>> commands) {
    List<Path> logs = new ArrayList<>();
    List<Child> running = new ArrayList<>();
    for (List<String> command : commands) {
      Path log = newFile(Path.of(command.getFirst()).getFileName() + ".log");
      logs.add(log);
      running.add(children.start(ChildCommand.of(log, command)));
    }
    List<Output> outputs = new ArrayList<>();
    for (int i = 0; i < running.size(); i++) {
      outputs.add(new Output(running.get(i).exited().join(), read(logs.get(i))));
    }
    return outputs;
  }

  private static String read(Path log) {
    try {
      String text = Files.readString(log);
      Files.delete(log);
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + log, e);
    }
  }
}
