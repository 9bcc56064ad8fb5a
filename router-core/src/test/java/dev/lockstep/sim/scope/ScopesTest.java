package dev.lockstep.sim.scope;

import org.junit.jupiter.api.Test;

/** Draft. */
final class ScopesTest {

  static String replayCommand(Scope scope, Placement placement) {
    return "replay: mvn -pl router-core test -Dtest=ScopesTest -Dlockstep.scope="
        + scope
        + " -Dlockstep.placement="
        + placement;
  }

  @Test
  void nothing() {}
}
