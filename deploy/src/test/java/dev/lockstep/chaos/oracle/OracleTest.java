package dev.lockstep.chaos.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.chaos.oracle.Content.Absent;
import dev.lockstep.chaos.oracle.Content.Present;
import dev.lockstep.chaos.oracle.Violations.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong is found, and what is right is left alone. */
final class OracleTest {
  private static final Absent ABSENT = new Absent();
  private static final Oracle.Place PLACE = new Oracle.Place("pod-a/1", "http connection", 0);

  @TempDir Path folder;
  private RouteHistory route = route();
  private Violations violations;
  private Versions versions;
  private Oracle oracle;

  private static RouteHistory route() {
    RouteHistory.Asked asked = new RouteHistory.Asked("route-i1.chaos.example", true);
    return new RouteHistory("route-i1", asked, ABSENT);
  }

  @BeforeEach
  void begin() {
    Journal journal = Journal.open(folder.resolve("journal.log"));
    violations = new Violations(journal, folder.resolve("violations.log"));
    versions = new Versions(violations);
    route = route();
    oracle = new Oracle(List.of(route), journal, violations, versions);
  }

  @Test
  void beforeAnyPromiseEverythingWrittenMayBeServed() {
    write(new Present(1));
    write(new Present(2));
    serve(ABSENT);
    serve(new Present(1));
    serve(new Present(2));
    assertThat(violations.found()).isEmpty();
  }

  @Test
  void olderContentAfterOpenIsAFalseOpen() throws IOException {
    write(new Present(1));
    Content second = write(new Present(2));
    oracle.opened(route, second.sequence(), "present at pod-b");
    serve(new Present(2));
    assertThat(violations.found()).isEmpty();
    serve(new Present(1));
    assertThat(violations.count(Kind.FALSE_OPEN)).isEqualTo(1);
    assertThat(violations.found().getFirst().text())
        .contains("served content #1 (slot 1)", "expected: #2 (slot 2) or newer", "pod-a/1");
    assertThat(Files.readString(folder.resolve("violations.log"))).contains("FALSE_OPEN");
  }

  @Test
  void aRouteThatIsMissingAfterOpenIsAFalseOpen() {
    oracle.opened(route, write(new Present(1)).sequence(), "present at pod-b");
    serve(ABSENT);
    assertThat(violations.count(Kind.FALSE_OPEN)).isEqualTo(1);
  }

  @Test
  void aRouteThatIsBackAfterAbsentWasOpenIsAFalseOpen() {
    write(new Present(1));
    oracle.opened(route, write(ABSENT).sequence(), "absent at pod-b");
    serve(ABSENT);
    assertThat(violations.found()).isEmpty();
    serve(new Present(1));
    assertThat(violations.count(Kind.FALSE_OPEN)).isEqualTo(1);
  }

  @Test
  void whatIsWrittenNextMayBeServedAsSoonAsItIsSent() {
    oracle.opened(route, write(ABSENT).sequence(), "absent at pod-b");
    route.begin(new Present(7));
    serve(new Present(7));
    assertThat(violations.found()).isEmpty();
  }

  @Test
  void aRequestIsHeldAgainstWhatWasPromisedWhenItStarted() {
    write(new Present(1));
    Content second = write(new Present(2));
    Oracle.Promise early = oracle.promise(route);
    oracle.opened(route, second.sequence(), "present at pod-b");
    oracle.judge(new Present(1), 0, early, PLACE);
    assertThat(violations.found()).isEmpty();
  }

  @Test
  void aVersionBelowOneThatIsOpenIsAFalseOpen() {
    write(new Present(1));
    versions.opened(12);
    oracle.judge(new Present(1), 12, oracle.promise(route), PLACE);
    assertThat(violations.found()).isEmpty();
    oracle.judge(new Present(1), 11, oracle.promise(route), PLACE);
    assertThat(violations.count(Kind.FALSE_OPEN)).isEqualTo(1);
  }

  @Test
  void aConnectionNeverGoesBack() {
    write(new Present(1));
    Oracle.Place later = new Oracle.Place("pod-a/1", "http connection", 12);
    oracle.judge(new Present(1), 12, oracle.promise(route), later);
    assertThat(violations.found()).isEmpty();
    oracle.judge(new Present(1), 11, oracle.promise(route), later);
    assertThat(violations.count(Kind.VERSION_WENT_BACK)).isEqualTo(1);
  }

  @Test
  void aVersionHasOneDigestForEver() {
    versions.bound(5, "aa", "pod-a");
    versions.bound(5, "aa", "pod-b");
    versions.bound(6, "bb", "pod-b");
    assertThat(violations.found()).isEmpty();
    versions.bound(5, "bb", "pod-c");
    assertThat(violations.count(Kind.VERSION_REUSED)).isEqualTo(1);
  }

  @Test
  void promisesAreNeverTakenBack() {
    write(new Present(1));
    Content second = write(new Present(2));
    oracle.opened(route, second.sequence(), "present at pod-b");
    oracle.opened(route, 1, "a late answer");
    assertThat(route.floor().sequence()).isEqualTo(2);
  }

  private Content write(Content.Shape shape) {
    Content content = route.begin(shape);
    route.done(content);
    return content;
  }

  private void serve(Content.Shape shape) {
    oracle.judge(shape, 0, oracle.promise(route), PLACE);
  }
}
