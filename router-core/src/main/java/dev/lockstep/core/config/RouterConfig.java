package dev.lockstep.core.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Everything that a data plane serves, as one immutable value. A changed copy, its digest and the
 * difference to its origin cost as much as the change, not as much as the config.
 *
 * @param entries by {@link Entry#key()}
 */
public record RouterConfig(OrderedMap<Entry> entries) {

  /** Routes nothing. */
  public static final RouterConfig EMPTY = new RouterConfig(OrderedMap.empty());

  /** {@return this config with the entry added, or put in place of the one with its key} */
  public RouterConfig with(Entry entry) {
    return new RouterConfig(entries.with(entry.key(), entry));
  }

  /** {@return this config without the entry of this key} */
  public RouterConfig without(String key) {
    return new RouterConfig(entries.without(key));
  }

  /** {@return the SHA-256 of the canonical form: equal configs, and only they, have equal ones} */
  public Digest digest() {
    return Digest.ofBytes(entries.digest(Entry::sha256));
  }

  /** {@return the backend with this id} */
  public Optional<Backend> backend(Backend.Id id) {
    return entries.get(Backend.key(id)).map(Backend.class::cast);
  }

  /** {@return the certificate with this id} */
  public Optional<Certificate> certificate(Certificate.Id id) {
    return entries.get(Certificate.key(id)).map(Certificate.class::cast);
  }

  /** {@return the routes of exactly this host, ordered by their objects} */
  public List<Route> routes(String host) {
    List<Route> routes = new ArrayList<>();
    for (OrderedMap.Mapping<Entry> mapping : entries.withPrefix(Route.keyPrefix(host))) {
      routes.add((Route) mapping.value());
    }
    return routes;
  }

  /** {@return the changes that turn this config into the target, in the order of the keys} */
  public Changes changesTo(RouterConfig target) {
    List<Entry> puts = new ArrayList<>();
    List<String> removals = new ArrayList<>();
    entries.diff(
        target.entries, (key, entry) -> entry.ifPresentOrElse(puts::add, () -> removals.add(key)));
    return new Changes(puts, removals);
  }

  /** {@return this config with the changes made} */
  public RouterConfig apply(Changes changes) {
    RouterConfig changed = this;
    for (String key : changes.removals()) {
      changed = changed.without(key);
    }
    for (Entry entry : changes.puts()) {
      changed = changed.with(entry);
    }
    return changed;
  }

  /**
   * The difference between two configs.
   *
   * @param puts entries that are new or different
   * @param removals keys of entries that are gone
   */
  public record Changes(List<Entry> puts, List<String> removals) {

    public Changes {
      puts = List.copyOf(puts);
      removals = List.copyOf(removals);
    }

    /** {@return whether both configs are the same} */
    public boolean isEmpty() {
      return puts.isEmpty() && removals.isEmpty();
    }

    /** {@return how many entries differ} */
    public int size() {
      return puts.size() + removals.size();
    }
  }
}
