package dev.lockstep.core.house;

import com.sun.source.tree.CaseTree;
import com.sun.source.tree.ConstantCaseLabelTree;
import com.sun.source.tree.DefaultCaseLabelTree;
import com.sun.source.tree.EnhancedForLoopTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePathScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What core must not do: read a clock, use chance, start threads, log, or depend on the order of an
 * unordered collection; and no switch of it may have a branch for what nobody thought of.
 */
final class Purity extends TreePathScanner<Void, Void> {
  private static final Pattern BANNED_CALL =
      Pattern.compile(
          "System\\.(nanoTime|currentTimeMillis|getenv|getProperty)|Instant\\.now|.*Clock\\.\\w+"
              + "|Thread\\..*|UUID\\.randomUUID|Math\\.random|.*System\\.(out|err)\\..*");

  private static final Pattern BANNED_TYPE =
      Pattern.compile("(\\w+\\.)*(Random|SecureRandom|Thread|Timer|Logger)");

  private static final Pattern BANNED_IMPORT =
      Pattern.compile(
          "java\\.(io|net|util\\.concurrent|util\\.logging)\\..*"
              + "|java\\.nio\\.(?!charset\\.StandardCharsets).*|org\\.slf4j\\..*");

  private static final Pattern UNORDERED_TYPE = Pattern.compile("(Hash)?(Map|Set)<.*");
  private static final Pattern ORDERED_VALUE =
      Pattern.compile("new (Tree|Linked|Enum).*", Pattern.DOTALL);

  private static final Set<String> IN_ORDER =
      new TreeSet<>(
          List.of("entrySet", "keySet", "values", "forEach", "stream", "iterator", "toString"));

  private final SourceFile file;
  private final Set<String> unordered = new TreeSet<>();
  private final List<Finding> findings = new ArrayList<>();

  private Purity(SourceFile file) {
    this.file = file;
  }

  static List<Finding> check(SourceFile file) {
    Purity purity = new Purity(file);
    purity.scan(file.tree(), null);
    return purity.findings;
  }

  @Override
  public Void visitImport(ImportTree imported, Void nothing) {
    String name = imported.getQualifiedIdentifier().toString();
    if (BANNED_IMPORT.matcher(name).matches()) {
      findings.add(file.finding(imported, "import " + name + ": core does no IO"));
    }
    return super.visitImport(imported, nothing);
  }

  @Override
  public Void visitVariable(VariableTree variable, Void nothing) {
    String type = String.valueOf(variable.getType());
    String value = String.valueOf(variable.getInitializer());
    if (UNORDERED_TYPE.matcher(type).matches() && !ORDERED_VALUE.matcher(value).matches()) {
      unordered.add(variable.getName().toString());
    }
    return super.visitVariable(variable, nothing);
  }

  @Override
  public Void visitEnhancedForLoop(EnhancedForLoopTree loop, Void nothing) {
    checkOrder(loop.getExpression(), loop);
    return super.visitEnhancedForLoop(loop, nothing);
  }

  @Override
  public Void visitMethodInvocation(MethodInvocationTree call, Void nothing) {
    String name = call.getMethodSelect().toString();
    if (BANNED_CALL.matcher(name).matches()) {
      findings.add(file.finding(call, name + ": core reads no clock, no chance, no environment"));
    }
    if (call.getMethodSelect() instanceof MemberSelectTree select
        && IN_ORDER.contains(select.getIdentifier().toString())) {
      checkOrder(select.getExpression(), call);
    }
    return super.visitMethodInvocation(call, nothing);
  }

  private void checkOrder(ExpressionTree collection, Tree place) {
    boolean named =
        collection instanceof IdentifierTree name && unordered.contains(name.getName().toString());
    boolean fresh = collection.toString().matches("(Set|Map)\\.(of|copyOf|ofEntries)\\(.*");
    if (named || fresh) {
      findings.add(file.finding(place, collection + ": its order is not defined"));
    }
  }

  @Override
  public Void visitNewClass(NewClassTree made, Void nothing) {
    if (BANNED_TYPE.matcher(made.getIdentifier().toString()).matches()) {
      findings.add(file.finding(made, "new " + made.getIdentifier() + ": not in core"));
    }
    return super.visitNewClass(made, nothing);
  }

  @Override
  public Void visitSwitch(SwitchTree choice, Void nothing) {
    checkDefault(choice, choice.getCases());
    return super.visitSwitch(choice, nothing);
  }

  @Override
  public Void visitSwitchExpression(SwitchExpressionTree choice, Void nothing) {
    checkDefault(choice, choice.getCases());
    return super.visitSwitchExpression(choice, nothing);
  }

  /** Over literals a default is needed; over types and enum constants it hides a missing case. */
  private void checkDefault(Tree choice, List<? extends CaseTree> cases) {
    boolean literal = cases.stream().anyMatch(Purity::isOverLiterals);
    boolean other =
        cases.stream()
            .anyMatch(
                one -> one.getLabels().stream().anyMatch(DefaultCaseLabelTree.class::isInstance));
    if (other && !literal) {
      findings.add(file.finding(choice, "switch: has a default branch"));
    }
  }

  private static boolean isOverLiterals(CaseTree one) {
    return one.getLabels().stream()
        .anyMatch(
            label ->
                label instanceof ConstantCaseLabelTree constant
                    && constant.getConstantExpression() instanceof LiteralTree);
  }
}
