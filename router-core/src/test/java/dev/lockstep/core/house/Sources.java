package dev.lockstep.core.house;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Finds, reads and parses all Java files of the project. */
final class Sources {
  private static final List<String> MODULES = List.of("router-core", "router-agent", "deploy");
  private static final List<String> ROOTS = List.of("src/main/java", "src/test/java");

  private Sources() {}

  /** {@return the project's directory: the one that holds all modules} */
  static Path project() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(directory.resolve("router-core"))) {
      directory = directory.getParent();
      if (directory == null) {
        throw new IllegalStateException("no directory above holds router-core");
      }
    }
    return directory;
  }

  /** {@return all Java files of all modules} */
  static List<SourceFile> all() {
    List<Path> paths = new ArrayList<>();
    for (String module : MODULES) {
      ROOTS.forEach(root -> paths.addAll(javaFiles(project().resolve(module).resolve(root))));
    }
    return parse(paths);
  }

  private static List<Path> javaFiles(Path root) {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.filter(path -> path.toString().endsWith(".java")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return these files, read and parsed} */
  static List<SourceFile> parse(List<Path> paths) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<SourceFile> files = new ArrayList<>();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(paths));
      Trees trees = Trees.instance(task);
      for (CompilationUnitTree tree : task.parse()) {
        Path path = Path.of(tree.getSourceFile().toUri());
        files.add(
            new SourceFile(
                project().relativize(path),
                Files.readAllLines(path),
                tree,
                trees.getSourcePositions()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }
}
