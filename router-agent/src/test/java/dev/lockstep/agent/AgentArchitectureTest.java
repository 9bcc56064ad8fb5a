package dev.lockstep.agent;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The edges of the agent do not know each other; one composition root sees them all. */
final class AgentArchitectureTest {
  private static final String AGENT = "dev.lockstep.agent";

  private static final List<String> EDGES =
      List.of("kubernetes", "mesh", "proxy", "api", "cli", "storage", "metrics");

  /** What each of them may use: the wire format, and the meters. */
  private static final List<String> SHARED = List.of("wire", "metrics");

  private static JavaClasses agent = new ClassFileImporter().importClasses(List.of());

  @BeforeAll
  static void importClasses() {
    agent =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(AGENT);
  }

  @TestFactory
  Stream<DynamicTest> noEdgeKnowsAnother() {
    return EDGES.stream()
        .map(edge -> DynamicTest.dynamicTest(edge, () -> knowsNoOtherEdge(edge).check(agent)));
  }

  private static ArchRule knowsNoOtherEdge(String edge) {
    String[] others =
        EDGES.stream()
            .filter(other -> !other.equals(edge) && !SHARED.contains(other))
            .map(AgentArchitectureTest::tree)
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(tree(edge))
        .should()
        .dependOnClassesThat(resideInAnyPackage(others))
        .allowEmptyShould(true);
  }

  @Test
  void nothingButTheRootKnowsTheRoot() {
    // Code that must be shared lies in a package of its own, not beside the composition root.
    DescribedPredicate<JavaClass> root = resideInAPackage(AGENT);
    classes()
        .that(root)
        .should()
        .onlyHaveDependentClassesThat(resideInAPackage(AGENT))
        .check(agent);
  }

  @Test
  void theWireFormatKnowsNoEdge() {
    noClasses()
        .that()
        .resideInAPackage(tree("wire"))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                EDGES.stream().map(AgentArchitectureTest::tree).toArray(String[]::new)))
        .check(agent);
  }

  @Test
  void onlyTheKubernetesEdgeKnowsItsClient() {
    noClasses()
        .that()
        .resideOutsideOfPackages(tree("kubernetes"), tree("cli"), AGENT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.fabric8..")
        .check(agent);
  }

  private static String tree(String name) {
    return AGENT + "." + name + "..";
  }
}
