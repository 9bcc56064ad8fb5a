package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.BackendSettings;
import dev.lockstep.agent.proxy.DeadlineTimer;
import dev.lockstep.agent.proxy.health.Candidates;
import dev.lockstep.agent.proxy.health.ClaimQueue;
import dev.lockstep.agent.proxy.health.EndpointOrder;
import dev.lockstep.agent.proxy.health.Health.Standing;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.routing.Endpoints;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of one backend, as one event loop chooses among them, and who waits for them.
 *
 * <p>The endpoints stand in an order of this event loop's own, and their round begins anywhere in
 * it: replicas that start together, or see an endpoint return together, do not go there together.
 *
 * <p>Invariant: {@code requests} is the number of claims that were admitted and have not left; with
 * a bound it is never more than that, and nobody waits while it is less.
 *
 * <p>Confined to the event loop.
 */
final class Fleet {
  private static final Endpoints NOBODY =
      new Endpoints(
          new Backend.Id("", "", ""), Backend.Cleartext.HTTP1, List.of(), Backend.Affinity.NONE);

  private final UpstreamPool pool;
  private final BackendSettings settings;
  private Endpoints endpoints = NOBODY;
  private List<Destination> all = List.of();
  private Candidates<Destination> candidates = new Candidates<>(List.of(), Candidates.Choice.DEAD);
  private @Nullable CookieNames cookies; // Only with that affinity.
  private int standingsSeen;
  private int turn;
  private int requests;
  private @Nullable ClaimQueue<Claim> queue;
  private @Nullable DeadlineTimer queueTimer;
  private boolean handingOn;

  Fleet(UpstreamPool pool) {
    this.pool = pool;
    this.settings = pool.settings();
    this.turn = pool.random().nextInt();
  }

  Backend.Id id() {
    return endpoints.backend();
  }

  /** Chooses among these from now on. Costs nothing if they are the same as before. */
  void use(Endpoints now) {
    if (now == endpoints) {
      return;
    }
    List<Destination> before = all;
    endpoints = now;
    all =
        EndpointOrder.of(now.serving(), pool.seed()).stream()
            .map(it -> pool.destination(now, it))
            .toList();
    // BEFORE the old ones leave, so that who is in both lists is not forgotten.
    all.forEach(it -> it.join(this));
    Set<Destination> staying = new HashSet<>(all);
    before.stream().filter(it -> !staying.contains(it)).forEach(it -> it.leave(this));
    cookies =
        now.affinity().kind() == Backend.Affinity.Kind.COOKIE
            ? new CookieNames(now.affinity().key(), now.backend().toString(), all)
            : null;
    look();
  }

  /** Lets all endpoints go. */
  void disband() {
    use(endpoints.none());
  }

  boolean isIdle() {
    return requests == 0 && (queue == null || queue.isEmpty());
  }

  private void look() {
    standingsSeen = pool.standings();
    candidates = Candidates.among(all, Destination::standing, settings.mostOut());
  }

  // Who gets a request.

  /** {@return an endpoint that the claim has not tried; null if there is none} */
  @Nullable Destination choose(Claim by) {
    if (standingsSeen != pool.standings()) {
      look();
    }
    Destination own = own(by);
    if (own != null) {
      return own;
    }
    Destination chosen = among(candidates.places(), by);
    boolean ejectedIsLeft = candidates.choice() == Candidates.Choice.WELL;
    return chosen == null && ejectedIsLeft ? anyReachable(by) : chosen;
  }

  /** {@return the endpoint that the client has had before, if it may have that now} */
  private @Nullable Destination own(Claim by) {
    Destination own =
        switch (endpoints.affinity().kind()) {
          case NONE -> null;
          case CLIENT_ADDRESS -> greatest(by);
          case COOKIE -> named(by);
        };
    return own != null && mayHave(by, own) ? own : null;
  }

  /**
   * The same for all replicas, without any memory; who comes or goes takes or leaves his own share
   * of the clients, and no other client moves.
   */
  private @Nullable Destination greatest(Claim by) {
    long client = by.client();
    Destination greatest = null;
    long most = 0;
    for (Destination each : candidates.places()) {
      long rank = EndpointOrder.rank(each.hash(), client);
      if (!by.hasTried(each) && (greatest == null || rank > most)) {
        greatest = each;
        most = rank;
      }
    }
    return greatest;
  }

  private @Nullable Destination named(Claim by) {
    CookieNames names = cookies;
    String value = names == null ? null : by.cookie(names.cookie());
    Destination named = names == null || value == null ? null : names.named(value);
    boolean may = named != null && candidates.places().contains(named) && !by.hasTried(named);
    return may ? named : null;
  }

  /** {@return name and value of the cookie that the claim's client needs; null if it has it} */
  @Nullable String cookieFor(Claim by, Destination at) {
    CookieNames names = cookies;
    if (names == null || names.nameOf(at).isEmpty()) {
      return null;
    }
    String name = names.nameOf(at);
    return name.equals(by.cookie(names.cookie())) ? null : names.cookie() + "=" + name;
  }

  private @Nullable Destination among(List<Destination> places, Claim by) {
    int size = places.size();
    int begin = size < 2 ? 0 : begin(places);
    for (int i = 0; i < size; i++) {
      int place = begin + i;
      Destination each = places.get(place < size ? place : place - size);
      if (!by.hasTried(each) && mayHave(by, each)) {
        return each;
      }
    }
    return null;
  }

  private int begin(List<Destination> places) {
    return switch (settings.balancing()) {
      case ROUND_ROBIN -> Integer.remainderUnsigned(turn++, places.size());
      case LEAST_REQUEST -> lessLoadedOfTwo(places);
    };
  }

  private int lessLoadedOfTwo(List<Destination> places) {
    int one = pool.random().nextInt(places.size());
    int other = pool.random().nextInt(places.size() - 1);
    other += other >= one ? 1 : 0;
    return places.get(other).requests() < places.get(one).requests() ? other : one;
  }

  /** One trial at a time, unless everybody is needed. */
  private boolean mayHave(Claim by, Destination each) {
    if (each.standing() != Standing.TRIAL) {
      return true;
    }
    if (each.tryTrial()) {
      by.holdTrial();
      return true;
    }
    return candidates.choice() != Candidates.Choice.WELL;
  }

  /** All that are well have been tried: better one that answers badly than no answer. */
  private @Nullable Destination anyReachable(Claim by) {
    for (Destination each : all) {
      if (each.standing() != Standing.DEAD && !by.hasTried(each)) {
        return each;
      }
    }
    return null;
  }

  /** {@return whether there is another endpoint that the claim could go on to} */
  boolean hasOther(Claim by, Destination than) {
    boolean allDead = candidates.choice() == Candidates.Choice.DEAD;
    for (Destination each : all) {
      if (each != than && !by.hasTried(each) && (allDead || each.standing() != Standing.DEAD)) {
        return true;
      }
    }
    return false;
  }

  // Who may come in.

  /** Admits the claim, now or later, or refuses it. */
  void enter(Claim claim) {
    int most = settings.bound().requests();
    if (most == 0 || requests < most) {
      requests++;
      claim.admit();
    } else {
      await(claim);
    }
  }

  private void await(Claim claim) {
    BackendSettings.Bound bound = settings.bound();
    ClaimQueue<Claim> waiting = queue;
    if (waiting == null) {
      waiting = new ClaimQueue<>(bound.waiting(), bound.target());
      queue = waiting;
      queueTimer = new DeadlineTimer(pool.loop().executor(), this::expire);
    }
    long now = pool.now();
    if (waiting.offer(claim, now)) {
      pool.loop().meters().backends().waits();
      // The queue itself is sooner; this is for a claimant whose timer runs for something else.
      claim.mustWait(bound.target().multipliedBy(2L * ClaimQueue.PATIENCE));
      setTimer(waiting, now);
    } else {
      pool.loop().meters().backends().refusedFull();
      claim.refuse(Claim.Refusal.BUSY);
    }
  }

  private void expire() {
    ClaimQueue<Claim> waiting = queue;
    if (waiting == null) {
      return;
    }
    long now = pool.now();
    List<Claim> late = waiting.expire(now);
    setTimer(waiting, now);
    for (Claim claim : late) {
      pool.loop().meters().backends().waitsNoMore();
      pool.loop().meters().backends().refusedLate();
      claim.refuse(Claim.Refusal.BUSY);
    }
  }

  private void setTimer(ClaimQueue<Claim> waiting, long now) {
    DeadlineTimer timer = queueTimer;
    if (timer != null && !waiting.isEmpty()) {
      timer.set(Duration.ofNanos(Math.max(0, waiting.deadline() - now)));
    }
  }

  /** An admitted claim is over: somebody else's turn. */
  void leave() {
    requests--;
    ClaimQueue<Claim> waiting = queue;
    // A claim that is refused at once leaves at once: it must not hand on from within.
    if (waiting == null || handingOn) {
      return;
    }
    handingOn = true;
    while (requests < settings.bound().requests() && !waiting.isEmpty()) {
      Optional<Claim> next = waiting.poll(pool.now());
      pool.loop().meters().backends().waitsNoMore();
      requests++;
      next.ifPresent(Claim::admitLater);
    }
    handingOn = false;
  }

  /** A claim that was not admitted has gone. */
  void withdraw(Claim claim) {
    ClaimQueue<Claim> waiting = queue;
    if (waiting != null && waiting.remove(claim)) {
      pool.loop().meters().backends().waitsNoMore();
    }
  }
}
