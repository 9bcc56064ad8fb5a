package dev.lockstep.core.house;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.SourcePositions;
import java.nio.file.Path;
import java.util.List;

/**
 * One Java file of the project, read and parsed.
 *
 * @param path below the project's directory
 * @param lines as written
 * @param tree as parsed
 * @param positions of the trees
 */
record SourceFile(
    Path path, List<String> lines, CompilationUnitTree tree, SourcePositions positions) {

  boolean isTest() {
    return path.toString().contains("/src/test/");
  }

  boolean isCoreMain() {
    return path.startsWith("router-core") && !isTest();
  }

  boolean isPackageInfo() {
    return path.endsWith("package-info.java");
  }

  /** Whether it describes a package or a module instead of defining a type. */
  boolean isDescription() {
    return isPackageInfo() || path.endsWith("module-info.java");
  }

  long firstLine(Tree part) {
    return tree.getLineMap().getLineNumber(positions.getStartPosition(tree, part));
  }

  long lastLine(Tree part) {
    return tree.getLineMap().getLineNumber(positions.getEndPosition(tree, part));
  }

  Finding finding(long line, String what) {
    return new Finding(path + ":" + line, what);
  }

  Finding finding(Tree part, String what) {
    return finding(firstLine(part), what);
  }
}
