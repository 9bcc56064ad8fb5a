package dev.lockstep.agent.storage;

import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A process to be killed: installs version after version, and says so after each. Arguments:
 * folder, key file, how many versions at most.
 */
public final class StoreVictim {
  private StoreVictim() {}

  /** {@return the one config of a version: so a reader can tell what it must find} */
  static Snapshot at(long version) {
    return after(Snapshot.NONE, version);
  }

  /** {@return the config of a version, made from an earlier one by changes} */
  static Snapshot after(Snapshot earlier, long version) {
    RouterConfig config = earlier.config();
    for (long v = earlier.version().value() + 1; v <= version; v++) {
      config =
          config.with(
              new Route(
                  "h" + v % 40 + ".example.com",
                  ObjectKey.core("Service", "ns", "web"),
                  List.of(
                      new Route.Rule(
                          new PathMatch(PathMatch.Type.EXACT, "/v" + v),
                          new Route.Action.Respond(200, "body ".repeat(100)))),
                  RoutePolicy.OPEN));
    }
    return Snapshot.of(new Version(version), config);
  }

  /** Runs until it is killed, or has done what it was told. */
  public static void main(String[] args) {
    try (SnapshotStore store = new SnapshotStore(Path.of(args[0]), Path.of(args[1]))) {
      Snapshot last = store.load().orElse(Snapshot.NONE);
      long end = last.version().value() + Long.parseLong(args[2]);
      while (last.version().value() < end) {
        Snapshot next = after(last, last.version().value() + 1);
        switch (store.install(next, Optional.of(last))) {
          case StoreOutcome.Durable ignored -> System.out.println(next.version());
          case StoreOutcome.Lost lost -> System.out.println("lost " + lost.problem());
        }
        System.out.flush();
        store.tidy();
        last = next;
      }
    }
  }
}
