package dev.lockstep.sim.broken;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The folder that holds the patches, and the rules that have none. */
final class Patches {

  /** Below the module's directory, in which tests run. */
  static final Path FOLDER = Path.of("src", "test", "broken");

  private static final String WITHOUT = "without.txt";

  private Patches() {}

  /** {@return all patches, by file and then as they stand there} */
  static List<Patch> all() {
    List<Patch> patches = new ArrayList<>();
    try (Stream<Path> walk = Files.list(FOLDER)) {
      for (Path path : walk.sorted().toList()) {
        String name = path.getFileName().toString();
        if (name.endsWith(".txt") && !name.equals(WITHOUT)) {
          patches.addAll(PatchReader.read(name, Files.readString(path)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return patches;
  }

  /** {@return the rules that no patch breaks, each with the reason} */
  static Map<String, String> without() {
    Map<String, String> reasons = new TreeMap<>();
    try {
      for (String line : Files.readAllLines(FOLDER.resolve(WITHOUT))) {
        if (!line.isBlank() && !line.startsWith("#")) {
          String[] parts = line.split(": ", 2);
          reasons.put(parts[0], parts[1]);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return reasons;
  }
}
