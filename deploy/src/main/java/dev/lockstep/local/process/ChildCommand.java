package dev.lockstep.local.process;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What to start.
 *
 * @param arguments the program and its arguments, at least one
 * @param environment variables added to those of this process
 * @param log the file to which both outputs are appended
 */
public record ChildCommand(List<String> arguments, Map<String, String> environment, Path log) {
  /** Copies the collections and keeps their order. */
  public ChildCommand {
    arguments = List.copyOf(arguments);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("arguments: empty (expected: a program)");
    }
  }

  /** {@return a command with no variables of its own} */
  public static ChildCommand of(Path log, List<String> arguments) {
    return new ChildCommand(arguments, Map.of(), log);
  }
}
