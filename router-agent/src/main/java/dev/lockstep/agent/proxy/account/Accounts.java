package dev.lockstep.agent.proxy.account;

import dev.lockstep.agent.proxy.EnumCounts;
import dev.lockstep.agent.proxy.Seeing;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.OrderedMap;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RouterConfig;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** What all event loops write their requests into, as far as it is wanted. Thread-safe. */
public final class Accounts implements AutoCloseable {
  private static final String ROUTES = "route/";

  private final Seeing settings;
  private final Optional<RouteFigures> figures;
  private final Optional<AccessLog> log;
  private final EnumCounts<Failure> failures = new EnumCounts<>(Failure.class);

  /**
   * Opens what these settings want, for so many event loops.
   *
   * @throws IllegalArgumentException if a file cannot be opened, with the name of the setting
   */
  public Accounts(Seeing settings, int loops) {
    this.settings = settings;
    this.figures =
        settings.routes() > 0
            ? Optional.of(new RouteFigures(settings.routes(), loops))
            : Optional.empty();
    this.log = settings.log().map(wanted -> AccessLog.open(wanted, loops));
  }

  /** {@return the part of one event loop, counted from 0} */
  public LoopAccount ofLoop(int loop) {
    return new LoopAccount(this, loop);
  }

  /** {@return figures by route, if they are kept} */
  public Optional<RouteFigures> figures() {
    return figures;
  }

  /** {@return the access log, if there is one} */
  public Optional<AccessLog> log() {
    return log;
  }

  /** {@return requests that went wrong; counted while figures or the log want to know} */
  public EnumCounts<Failure> failures() {
    return failures;
  }

  Seeing.Log.Query query() {
    return settings.log().map(Seeing.Log::query).orElse(Seeing.Log.Query.LEFT_OUT);
  }

  /** Forgets the figures of routes that are not in this config. */
  public void keepRoutesOf(RouterConfig config) {
    figures.ifPresent(kept -> kept.keep(routesOf(config)));
  }

  private static Set<String> routesOf(RouterConfig config) {
    Set<String> labels = new HashSet<>();
    for (OrderedMap.Mapping<Entry> mapping : config.entries().withPrefix(ROUTES)) {
      if (mapping.value() instanceof Route route) {
        labels.add(route.origin().toString());
      }
    }
    return labels;
  }

  @Override
  public void close() {
    log.ifPresent(AccessLog::close);
  }
}
