package dev.lockstep.agent.wire;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Backend.Endpoint;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Cidr;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.Route.Action;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.TlsBinding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Configs of every shape that the model allows, from a seed. */
public final class RandomConfigs {
  /** Part of every private key that is made here, so that tests can look for leaks. */
  public static final String KEY_MARK = "KEYBYTES";

  private static final List<String> TEXTS =
      List.of("", "plain", "\"quoted\\", "line\nbreak\u0000", "ümläut", "漢字", "🦀", "</script>");

  private final RandomGenerator random;

  /** A generator that gives the same configs for the same seed. */
  public RandomConfigs(long seed) {
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** {@return a config with up to so many entries} */
  public RouterConfig config(int entries) {
    RouterConfig config = RouterConfig.EMPTY;
    for (int i = 0; i < entries; i++) {
      config = config.with(entry());
    }
    return config;
  }

  /** {@return the config with a few entries added, replaced or removed} */
  public RouterConfig changed(RouterConfig config) {
    RouterConfig changed = config.with(entry());
    for (Entry entry : config.entries().values()) {
      if (random.nextInt(5) == 0) {
        changed = changed.without(entry.key());
      }
    }
    return changed;
  }

  /** {@return an entry of any kind} */
  public Entry entry() {
    return switch (random.nextInt(4)) {
      case 0 -> route();
      case 1 -> new Backend(backendId(), list(4, this::endpoint));
      case 2 -> certificate();
      default -> new TlsBinding(host(), certificateId(), origin());
    };
  }

  private Route route() {
    return new Route(host(), origin(), list(4, this::rule), policy());
  }

  private Route.Rule rule() {
    PathMatch.Type type = PathMatch.Type.values()[random.nextInt(2)];
    return new Route.Rule(new PathMatch(type, "/" + text()), action());
  }

  private Action action() {
    return random.nextBoolean()
        ? new Action.Respond(200 + random.nextInt(400), text())
        : new Action.Forward(
            list(3, () -> new Action.Share(backendId(), random.nextInt(1_000_001))));
  }

  private RoutePolicy policy() {
    return new RoutePolicy(
        random.nextBoolean() ? Optional.empty() : Optional.of(list(3, this::block)),
        Duration.ofMillis(1 + random.nextInt(100_000)),
        Duration.ofMillis(1 + random.nextInt(100_000)),
        RoutePolicy.Scheme.values()[random.nextInt(2)]);
  }

  private Cidr block() {
    String text =
        random.nextBoolean()
            ? "10." + random.nextInt(256) + ".0.0/" + random.nextInt(33)
            : "2001:db8::" + random.nextInt(1000) + "/" + random.nextInt(129);
    return Cidr.parse(text).orElseThrow();
  }

  private Endpoint endpoint() {
    return new Endpoint(
        "10.0.0." + random.nextInt(256),
        1 + random.nextInt(65535),
        Endpoint.State.values()[random.nextInt(2)]);
  }

  private Certificate certificate() {
    return new Certificate(
        certificateId(),
        "-----BEGIN CERTIFICATE-----\n" + text(),
        new Certificate.PrivateKey("-----BEGIN " + KEY_MARK + random.nextLong()),
        Digest.of("leaf" + random.nextInt(100)));
  }

  private Certificate.Id certificateId() {
    return new Certificate.Id("ns" + random.nextInt(3), "secret" + random.nextInt(20));
  }

  private Backend.Id backendId() {
    return new Backend.Id(
        "ns" + random.nextInt(3), "service" + random.nextInt(20), "" + random.nextInt(9000));
  }

  private ObjectKey origin() {
    return new ObjectKey(
        random.nextBoolean() ? "" : "networking.k8s.io",
        "Ingress",
        "ns" + random.nextInt(3),
        "web" + random.nextInt(20));
  }

  private String host() {
    return (random.nextInt(4) == 0 ? "*." : "") + "h" + random.nextInt(50) + ".example.com";
  }

  private String text() {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }

  private <T> List<T> list(int max, java.util.function.Supplier<T> element) {
    List<T> values = new ArrayList<>();
    int count = random.nextInt(max + 1);
    for (int i = 0; i < count; i++) {
      values.add(element.get());
    }
    return values;
  }
}
