package dev.lockstep.core.house;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.util.TreePathScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Class names, marks and calls that are banned everywhere. */
final class Words extends TreePathScanner<Void, Void> {
  private static final Pattern BANNED_NAME =
      Pattern.compile(
          ".*(Manager|Utils?|Helper|Impl|Data|Info|Wrapper)|(Default|Abstract|Base)[A-Z].*");

  /** Put together here, so that this file does not break its own rule. */
  private static final Pattern MARK = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");

  private final SourceFile file;
  private final List<Finding> findings = new ArrayList<>();

  private Words(SourceFile file) {
    this.file = file;
  }

  static List<Finding> check(SourceFile file) {
    Words words = new Words(file);
    for (int i = 0; i < file.lines().size(); i++) {
      if (MARK.matcher(file.lines().get(i)).find()) {
        words.findings.add(file.finding(i + 1, "unfinished: " + file.lines().get(i).strip()));
      }
    }
    words.scan(file.tree(), null);
    return words.findings;
  }

  @Override
  public Void visitClass(ClassTree type, Void nothing) {
    String name = type.getSimpleName().toString();
    if (BANNED_NAME.matcher(name).matches()) {
      findings.add(file.finding(type, "class " + name + ": says nothing (see the style's names)"));
    }
    return super.visitClass(type, nothing);
  }

  @Override
  public Void visitAnnotation(AnnotationTree annotation, Void nothing) {
    if (annotation.getAnnotationType().toString().endsWith("Disabled")) {
      findings.add(file.finding(annotation, "@Disabled: fix the test or delete it"));
    }
    return super.visitAnnotation(annotation, nothing);
  }

  @Override
  public Void visitMethodInvocation(MethodInvocationTree call, Void nothing) {
    if (file.isTest() && call.getMethodSelect().toString().endsWith("Thread.sleep")) {
      findings.add(file.finding(call, "Thread.sleep: wait for a condition"));
    }
    return super.visitMethodInvocation(call, nothing);
  }
}
