package dev.lockstep.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table answers what the obvious model answers, however it came to be. */
class RouteTablePropertyTest {
  private static final int CHANGES = 120;
  private static final int QUESTIONS = 30;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void updatedTableEqualsCompiledTableAndModel(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomConfigs configs = new RandomConfigs(random);
    RouterConfig config = RouterConfig.EMPTY;
    RouteTable table = RouteTable.EMPTY;
    for (int i = 1; i <= CHANGES; i++) {
      RouterConfig changed = configs.change(config);
      Snapshot next = Snapshot.of(new Version(i), changed);
      table = table.update(next, config.changesTo(changed));
      config = changed;
      assertThat(table).isEqualTo(RouteTable.compile(next));
      assertAnswers(table, new ObviousModel(config), configs);
    }
  }

  private static void assertAnswers(RouteTable table, ObviousModel model, RandomConfigs configs) {
    for (int i = 0; i < QUESTIONS; i++) {
      String host = configs.requestHost();
      String path = configs.path();
      RouteMatch match = table.match(host, path);
      assertThat(text(match)).as("%s%s", host, path).isEqualTo(model.rule(host, path));
      assertThat(match == RouteMatch.Missing.HOST).isEqualTo(model.host(host).isEmpty());
      assertThat(table.certificateFor(host)).as(host).isEqualTo(model.certificate(host));
    }
    for (int i = 0; i < 4; i++) {
      Backend.Id id = new Backend.Id("ns", "svc" + i, "80");
      assertThat(table.endpoints(id).map(Endpoints::serving)).isEqualTo(model.endpoints(id));
    }
  }

  private static Optional<String> text(RouteMatch match) {
    return switch (match) {
      case RouteMatch.Missing _ -> Optional.empty();
      case RouteMatch.Found found -> Optional.of(ObviousModel.text(found.origin(), found.match()));
    };
  }
}
