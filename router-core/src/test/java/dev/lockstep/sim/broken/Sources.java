package dev.lockstep.sim.broken;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Sources of core and of the simulation, as text: a copy that patches can change.
 *
 * <p>Immutable.
 *
 * @param files text by path below {@code dev/lockstep}
 */
record Sources(Map<String, String> files) {

  private static final Path MAIN = Path.of("src/main/java/dev/lockstep");
  private static final Path TEST = Path.of("src/test/java/dev/lockstep");

  Sources {
    files = new LinkedHashMap<>(files);
  }

  /** {@return what a schedule needs of the module at this path, as it is} */
  static Sources of(Path module) {
    Map<String, String> files = new LinkedHashMap<>();
    read(module.resolve(MAIN), "core/.*", files);
    read(module.resolve(TEST), "sim/(NamedFaultsTest|(?!broken/|.*Test[.]).*)[.]java", files);
    return new Sources(files);
  }

  private static void read(Path root, String wanted, Map<String, String> files) {
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path path : walk.filter(Files::isRegularFile).sorted().toList()) {
        String name = root.relativize(path).toString();
        if (name.matches(wanted)) {
          files.put(name, Files.readString(path));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * {@return the files that a patch changes, as they are then}
   *
   * @throws IllegalArgumentException when what it looks for is not there exactly once
   */
  Sources changedBy(Patch patch) {
    Map<String, String> changed = new LinkedHashMap<>();
    for (Patch.Edit edit : patch.edits()) {
      String text = changed.getOrDefault(edit.file(), files.get(edit.file()));
      if (text == null) {
        throw new IllegalArgumentException(
            "patch " + patch.name() + ": " + edit.file() + " is not there: rename it in the patch");
      }
      changed.put(edit.file(), replace(patch.name(), edit, text));
    }
    return new Sources(changed);
  }

  private static String replace(String patch, Patch.Edit edit, String text) {
    String pattern =
        Stream.of(edit.find().strip().split("\\s+"))
            .map(Pattern::quote)
            .collect(Collectors.joining("\\s+"));
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    int found = (int) matcher.results().count();
    if (found != 1) {
      throw new IllegalArgumentException(
          "patch "
              + patch
              + ": stands "
              + found
              + " times in "
              + edit.file()
              + " (expected: once; the code has changed, so write the patch anew):\n"
              + edit.find());
    }
    return matcher.replaceFirst(Matcher.quoteReplacement(edit.replacement().strip()));
  }

  /**
   * Compiles these sources.
   *
   * @param folder that is filled with sources and classes
   * @param libraries that the compiler needs; among them classes of what is not here
   * @return where the classes are
   * @throws IllegalArgumentException when the sources cannot be compiled
   */
  Path compile(Path folder, String libraries) throws IOException {
    List<Path> paths = new ArrayList<>();
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = folder.resolve("source/dev/lockstep").resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
      paths.add(path);
    }
    Path classes = Files.createDirectories(folder.resolve("classes"));
    List<String> options =
        List.of("-d", classes.toString(), "-classpath", libraries, "-proc:none", "-nowarn");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      var units = manager.getJavaFileObjectsFromPaths(paths);
      if (!compiler.getTask(null, manager, problems, options, null, units).call()) {
        throw new IllegalArgumentException(
            problems.getDiagnostics().stream()
                .filter(problem -> problem.getKind() == Diagnostic.Kind.ERROR)
                .map(Object::toString)
                .collect(Collectors.joining("\n", "does not compile:\n", "")));
      }
    }
    return classes;
  }
}
