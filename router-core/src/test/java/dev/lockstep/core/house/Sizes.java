package dev.lockstep.core.house;

import com.sun.source.tree.BlockTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePathScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;

/** Lines, files, methods, parameters and nesting that are too long, too many or too deep. */
final class Sizes extends TreePathScanner<Void, Integer> {
  private static final int LINE = 100;
  private static final int FILE = 400;
  private static final int METHOD = 50;
  private static final int PARAMETERS = 4;
  private static final int PRIVATE_CONSTRUCTOR = 6;
  private static final int NESTING = 3;

  private final SourceFile file;
  private final List<Finding> findings = new ArrayList<>();

  private Sizes(SourceFile file) {
    this.file = file;
  }

  static List<Finding> check(SourceFile file) {
    Sizes sizes = new Sizes(file);
    sizes.checkLines();
    sizes.scan(file.tree(), 0);
    return sizes.findings;
  }

  private void checkLines() {
    int count = file.lines().size();
    if (count > FILE) {
      findings.add(file.finding(count, "file: " + count + " lines (expected: <= " + FILE + ")"));
    }
    for (int i = 0; i < count; i++) {
      String line = file.lines().get(i);
      // The formatter cannot break an import.
      if (line.length() > LINE && !line.startsWith("import ")) {
        findings.add(
            file.finding(i + 1, "line: " + line.length() + " columns (expected: <= " + LINE + ")"));
      }
    }
  }

  @Override
  public Void visitMethod(MethodTree method, Integer depth) {
    long lines = file.lastLine(method) - file.firstLine(method) + 1;
    if (lines > METHOD) {
      findings.add(
          file.finding(
              method, "method " + method.getName() + ": " + lines + " lines (expected: <= 50)"));
    }
    int parameters = method.getParameters().size();
    if (parameters > allowed(method)) {
      findings.add(
          file.finding(
              method,
              "method "
                  + method.getName()
                  + ": "
                  + parameters
                  + " parameters (expected: <= "
                  + allowed(method)
                  + ")"));
    }
    return super.visitMethod(method, 0);
  }

  private int allowed(MethodTree method) {
    boolean constructor = method.getName().contentEquals("<init>");
    Tree owner = getCurrentPath().getParentPath().getLeaf();
    if (constructor && owner.getKind() == Tree.Kind.RECORD || isOverride(method)) {
      return Integer.MAX_VALUE;
    }
    Set<Modifier> flags = method.getModifiers().getFlags();
    return constructor && flags.contains(Modifier.PRIVATE) ? PRIVATE_CONSTRUCTOR : PARAMETERS;
  }

  /** Somebody else has chosen the parameters. */
  private static boolean isOverride(MethodTree method) {
    return method.getModifiers().getAnnotations().stream()
        .anyMatch(annotation -> annotation.getAnnotationType().toString().equals("Override"));
  }

  @Override
  public Void visitClass(ClassTree type, Integer depth) {
    return super.visitClass(type, 0);
  }

  @Override
  public Void scan(Tree tree, Integer depth) {
    if (tree == null || !nests(tree) || isElseIf(tree)) {
      return super.scan(tree, depth);
    }
    if (depth + 1 > NESTING) {
      findings.add(
          file.finding(tree, "nesting: " + (depth + 1) + " (expected: <= " + NESTING + ")"));
    }
    return super.scan(tree, depth + 1);
  }

  private static boolean nests(Tree tree) {
    return switch (tree.getKind()) {
      case IF, FOR_LOOP, ENHANCED_FOR_LOOP, WHILE_LOOP, DO_WHILE_LOOP, SWITCH, SWITCH_EXPRESSION ->
          true;
      case TRY, SYNCHRONIZED -> true;
      default -> false;
    };
  }

  private boolean isElseIf(Tree tree) {
    return tree instanceof StatementTree
        && !(tree instanceof BlockTree)
        && getCurrentPath() != null
        && getCurrentPath().getLeaf() instanceof com.sun.source.tree.IfTree parent
        && parent.getElseStatement() == tree;
  }
}
