package dev.lockstep.agent.proxy.backend;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.routing.Endpoints;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way of one request to a connection: it waits for its turn if the backend is full, takes an
 * endpoint, and goes on to the next one if no connection to it stands, or none soon. Later it tells
 * the endpoint how it went.
 *
 * <p>Invariant: from {@link #begin} to {@link #end} it counts once among the active requests, once
 * at its backend (unless it still waits for that), and once at the endpoint that it has taken.
 *
 * <p>Confined to the event loop; used for one request after the other.
 */
public final class Claim {

  /** Who wants the connection. */
  public interface Claimant {

    /** A way to this endpoint is looked for now. */
    void tries(String address, int port);

    /** Takes this way to the backend, within a call that it made itself. */
    void granted(Upstream way);

    /** Takes this way to the backend, out of the blue. */
    void grantedLater(Upstream way);

    /** There is none; the claim has ended. */
    void refused(Refusal why);

    /** Calls {@link Claim#overdue} if nothing has happened for so long. */
    void expect(Duration atMost);

    /** {@return a number that stands for the address of the client} */
    long client();

    /** {@return the value of this cookie in the request, null if it has none} */
    @Nullable String cookie(String name);
  }

  /** Why there is no connection. */
  public enum Refusal {
    /** No endpoint could be reached. */
    UNREACHABLE,
    /** No connection stood in time. */
    TIMEOUT,
    /** No endpoint can be reached, as others have found; it was not even tried. */
    DOWN,
    /** The backend has enough to do already. */
    BUSY,
    /** This replica has. */
    OVERLOADED
  }

  /** What the address look-up may take beyond the connect time-out. */
  private static final Duration LOOK_UP = Duration.ofSeconds(1);

  private final UpstreamPool pool;
  private final Claimant by;
  private final List<Destination> tried = new ArrayList<>(0);
  private @Nullable Fleet fleet;
  private @Nullable Destination at;
  private Destination.@Nullable Opening opening;
  private Duration connectTimeout = Duration.ZERO;
  private Backend.Protocol protocol = Backend.Cleartext.HTTP1;
  private int connects;
  private int ticket;
  private boolean active;
  private boolean admitted;
  private boolean later; // The claimant is not on the stack any more.
  private boolean trial; // This request is the trial of its endpoint.
  private boolean resent;
  private boolean good; // An answer has come whose head is no failure.

  Claim(UpstreamPool pool, Claimant by) {
    this.pool = pool;
    this.by = by;
  }

  /** Begins for another request. */
  public void begin(Endpoints endpoints, Duration timeout, Backend.Protocol speaks) {
    end();
    if (pool.isFull()) {
      by.refused(Refusal.OVERLOADED);
      return;
    }
    connectTimeout = timeout;
    protocol = speaks;
    connects = 0;
    later = false;
    resent = false;
    good = false;
    active = true;
    pool.budget().begin();
    Fleet of = pool.fleet(endpoints);
    fleet = of;
    of.enter(this);
  }

  // What the fleet says.

  void admit() {
    admitted = true;
    next();
  }

  void admitLater() {
    later = true;
    admit();
  }

  void mustWait(Duration atMost) {
    by.expect(atMost);
  }

  void refuse(Refusal why) {
    end();
    by.refused(why);
  }

  boolean hasTried(Destination destination) {
    return !tried.isEmpty() && tried.contains(destination);
  }

  long client() {
    return by.client();
  }

  @Nullable String cookie(String name) {
    return by.cookie(name);
  }

  /** This request is the trial of the endpoint that it gets now. */
  void holdTrial() {
    trial = true;
  }

  // On the way to a connection.

  private void next() {
    Fleet of = fleet;
    Destination chosen = of == null ? null : of.choose(this);
    boolean skipped = false;
    while (of != null && chosen != null) {
      take(chosen);
      Upstream way = resent ? null : chosen.take(protocol);
      if (way != null) {
        grant(way);
        return;
      }
      if (chosen.admits()) {
        connect(of, chosen);
        return;
      }
      skipped = true;
      leave();
      chosen = of.choose(this);
    }
    refuse(skipped && connects == 0 ? Refusal.DOWN : Refusal.UNREACHABLE);
  }

  private void take(Destination chosen) {
    at = chosen;
    chosen.requestBegins();
    by.tries(chosen.key().address(), chosen.key().port());
  }

  private void leave() {
    Destination left = at;
    if (left != null) {
      abandonTrial(left);
      left.requestEnds();
      tried.add(left);
      at = null;
    }
  }

  private void abandonTrial(Destination of) {
    if (trial) {
      trial = false;
      of.trialAbandoned();
    }
  }

  private void connect(Fleet of, Destination to) {
    connects++;
    Duration whole = connectTimeout.plus(LOOK_UP);
    Duration patience = pool.settings().connecting().patience();
    boolean hurries = mayGoOn(of, to) && patience.compareTo(whole) < 0;
    by.expect(hurries ? patience : whole);
    later = true;
    int mine = ++ticket;
    Destination.Opening begun = to.connect(protocol, connectTimeout, new Attempt(mine));
    // It may have failed at once, and the claim have gone on.
    opening = mine == ticket ? begun : opening;
  }

  private boolean mayGoOn(Fleet of, Destination from) {
    return connects < pool.attempts() && of.hasOther(this, from);
  }

  private void grant(Upstream way) {
    ticket++;
    opening = null;
    if (later) {
      by.grantedLater(way);
    } else {
      by.granted(way);
    }
  }

  /** Waits for a connection, unless the claim has moved on meanwhile. */
  private final class Attempt implements UpstreamPool.Waiting {
    private final int mine;

    Attempt(int mine) {
      this.mine = mine;
    }

    @Override
    public void connected(Upstream connection) {
      if (mine == ticket) {
        grant(connection);
      } else {
        connection.park();
      }
    }

    @Override
    public void failed(UpstreamPool.Failure failure) {
      if (mine == ticket) {
        goOn(failure);
      }
    }
  }

  private void goOn(UpstreamPool.Failure failure) {
    ticket++;
    opening = null;
    Fleet of = fleet;
    Destination from = at;
    boolean another = of != null && from != null && mayGoOn(of, from);
    leave();
    if (another) {
      pool.loop().meters().retried();
      next();
    } else {
      refuse(failure == UpstreamPool.Failure.TIMEOUT ? Refusal.TIMEOUT : Refusal.UNREACHABLE);
    }
  }

  /** Nothing has happened for as long as was expected. */
  public void overdue() {
    Destination.Opening slow = opening;
    if (!admitted) {
      refuse(Refusal.BUSY);
      return;
    }
    // What has not begun is our own pace, and not the endpoint's fault.
    if (slow != null && !slow.abandon()) {
      // Requests go elsewhere because of it, which is as bad as a failure.
      slow.failed();
    }
    goOn(UpstreamPool.Failure.TIMEOUT);
  }

  /**
   * Sends the request again, whose connection was lost: over a new connection, to the same endpoint
   * if that may be.
   *
   * @return whether that may be: once for each request, and within the budget
   */
  public boolean sendAgain() {
    Fleet of = fleet;
    Destination same = at;
    if (resent || of == null || same == null) {
      return false;
    }
    if (!pool.budget().tryRetry()) {
      pool.loop().meters().backends().retryDenied();
      return false;
    }
    resent = true;
    later = true;
    pool.loop().meters().retried();
    if (same.admits()) {
      connect(of, same);
    } else {
      leave();
      next();
    }
    return true;
  }

  /** {@return name and value of the cookie that keeps the client here; null if it needs none} */
  public @Nullable String newCookie() {
    Fleet of = fleet;
    Destination here = at;
    return of == null || here == null ? null : of.cookieFor(this, here);
  }

  // How it went.

  /**
   * The head of an answer with this status has come. That ends a trial, because a body may go on
   * for ever; but it is no success yet: an endpoint whose answers all break off would never fail
   * twice in a row.
   */
  public void answered(int status) {
    Destination from = at;
    if (status >= 500) {
      failed();
      return;
    }
    good = true;
    if (from != null && trial) {
      trial = false;
      from.trialDone();
    }
  }

  /** The answer is whole. */
  public void whole() {
    Destination from = at;
    if (from != null && good) {
      from.answered();
    }
  }

  /** There was no answer, or it broke off, or it was too late; not through the client's fault. */
  public void failed() {
    Destination from = at;
    if (from != null && trial) {
      trial = false;
      from.trialFailed();
    } else if (from != null) {
      from.failed();
    }
  }

  /** The request is over, or has gone. Does nothing if that is known already. */
  public void end() {
    Fleet of = fleet;
    if (!active || of == null) {
      return;
    }
    active = false;
    ticket++;
    if (opening != null) {
      opening.abandon();
      opening = null;
    }
    leave();
    tried.clear();
    fleet = null;
    pool.budget().end();
    if (resent) {
      pool.budget().retryEnded();
    }
    boolean entered = admitted;
    admitted = false;
    if (entered) {
      of.leave();
    } else {
      of.withdraw(this);
    }
  }
}
