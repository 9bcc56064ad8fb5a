package dev.lockstep.agent.proxy.health;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How one endpoint is doing, as far as one event loop can tell.
 *
 * <pre>
 * standing | enough failures in a row | its time has come | trial done | trial failed
 * WELL     | EJECTED or DEAD          |                   |            |
 * EJECTED  |                          | TRIAL             |            |
 * TRIAL    |                          |                   | WELL       | EJECTED or DEAD
 * DEAD     |                          | (probe it)        | WELL       | DEAD or EJECTED
 * </pre>
 *
 * <p>It is DEAD if the last failure was that no connection stood, EJECTED if it was an answer. The
 * time until the next trial doubles with each of these, up to a bound, and begins anew when the
 * endpoint has been well for as long as that bound. Of those who would try an endpoint that is not
 * well, one may ({@link #tryTrial}) until that one says how it went. What comes from requests that
 * were sent before counts for nothing then.
 *
 * <p>A circuit breaker of Resilience4j is the machine behind it: closed is WELL, open is EJECTED or
 * DEAD, half-open a trial. It is made with the first failure; an endpoint that never failed costs a
 * look at one field per answer.
 *
 * <p>Confined to the event loop.
 */
public final class Health {

  /** What may be done with an endpoint. */
  public enum Standing {
    /** It gets requests. */
    WELL,
    /** Its answers failed: it gets none for a while. */
    EJECTED,
    /** Its answers failed: it gets one, to see. */
    TRIAL,
    /** No connection stands: it is asked for one now and then, and gets no requests. */
    DEAD
  }

  /** What went wrong. */
  public enum Failure {
    /** No connection stood. */
    CONNECT,
    /** The answer was an error of the server, or broken, or late. */
    ANSWER
  }

  /** The breaker wants a reason; nobody reads it. */
  private static final Exception FAILED =
      new Exception("the endpoint failed", null, false, false) {};

  private final Recovery recovery;
  private final LongSupplier clock;
  private final RandomGenerator random;
  private @Nullable CircuitBreaker breaker;
  private Standing standing = Standing.WELL;
  private boolean spotless = true; // No failure since the last success.
  private int openings;
  private long wakeAt;
  private long wellSince;

  /**
   * Well.
   *
   * @param clock of {@link System#nanoTime}
   * @param random for the spread of the times
   */
  public Health(Recovery recovery, LongSupplier clock, RandomGenerator random) {
    this.recovery = recovery;
    this.clock = clock;
    this.random = random;
    this.wellSince = clock.getAsLong();
  }

  /** {@return what may be done with it} */
  public Standing standing() {
    return standing;
  }

  /** {@return when its time comes, of the clock; only for one that is EJECTED or DEAD} */
  public long wakeAt() {
    return wakeAt;
  }

  /** {@return what an attempt to connect to it gets now, if it is DEAD} */
  public Duration probeTimeout() {
    return recovery.timeout().at(Math.max(0, openings - 1));
  }

  /** A request that was not the trial was answered well. */
  public void answered() {
    if (spotless) {
      return;
    }
    CircuitBreaker known = breaker;
    if (known != null && standing == Standing.WELL) {
      // Once is enough: until the next failure this success stays in the breaker's window.
      known.onSuccess(0, TimeUnit.NANOSECONDS);
      spotless = true;
    }
  }

  /** A request or a connection that was not the trial failed. */
  public void failed(Failure failure) {
    if (recovery.failures() > 0 && standing == Standing.WELL) {
      spotless = false;
      record(breaker(), failure);
    }
  }

  /** Its time has come. One that is DEAD needs a {@link #tryTrial} beyond that. */
  public void wake() {
    if (standing == Standing.EJECTED) {
      breaker().transitionToHalfOpenState();
      standing = Standing.TRIAL;
    }
  }

  /** {@return whether the caller, and for now nobody else, may try an endpoint that is not well} */
  public boolean tryTrial() {
    return switch (standing) {
      case WELL, EJECTED -> false;
      case TRIAL -> breaker().tryAcquirePermission();
      case DEAD -> {
        if (breaker().getState() == CircuitBreaker.State.OPEN) {
          breaker().transitionToHalfOpenState();
        }
        yield breaker().tryAcquirePermission();
      }
    };
  }

  /** The trial went well: an answer came, or a connection stands to one that was DEAD. */
  public void trialDone() {
    breaker().onSuccess(0, TimeUnit.NANOSECONDS);
    standing = Standing.WELL;
    spotless = true;
    wellSince = clock.getAsLong();
  }

  /** The trial failed. */
  public void trialFailed(Failure failure) {
    record(breaker(), failure);
  }

  /** The trial told nothing, because whoever wanted it has gone. */
  public void trialAbandoned() {
    breaker().releasePermission();
  }

  private void record(CircuitBreaker in, Failure failure) {
    in.onError(0, TimeUnit.NANOSECONDS, FAILED);
    if (in.getState() == CircuitBreaker.State.OPEN) {
      standing = failure == Failure.CONNECT ? Standing.DEAD : Standing.EJECTED;
    }
  }

  private CircuitBreaker breaker() {
    CircuitBreaker known = breaker;
    if (known == null) {
      known = CircuitBreaker.of("endpoint", config());
      breaker = known;
    }
    return known;
  }

  /** A window that holds failures only is as many failures in a row. */
  private CircuitBreakerConfig config() {
    int failures = Math.max(1, recovery.failures());
    return CircuitBreakerConfig.custom()
        .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
        .slidingWindowSize(failures)
        .minimumNumberOfCalls(failures)
        .failureRateThreshold(100)
        .permittedNumberOfCallsInHalfOpenState(1)
        .waitIntervalFunctionInOpenState(_ -> open().toMillis())
        .clock(new MonotonicClock(clock))
        .build();
  }

  /** The breaker opens: for how long? */
  private Duration open() {
    long now = clock.getAsLong();
    boolean wasWell = standing == Standing.WELL;
    if (wasWell && now - wellSince >= recovery.delay().most().toNanos()) {
      openings = 0;
    }
    Duration wait = recovery.delay().at(openings, random);
    openings++;
    wakeAt = now + wait.toNanos();
    return wait;
  }

  /** The time of an event loop in the form that the library reads; its zero means nothing. */
  private static final class MonotonicClock extends Clock {
    private final LongSupplier nanos;

    MonotonicClock(LongSupplier nanos) {
      this.nanos = nanos;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Instant.EPOCH.plusNanos(nanos.getAsLong());
    }
  }
}
