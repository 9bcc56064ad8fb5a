package dev.lockstep.chaos.oracle;

import dev.lockstep.local.kubelet.LocalReplica;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * One client of one replica: asks for one route after the other, over one connection that it keeps
 * or over new ones, and first for what was just called open. Runs on a thread of its own.
 */
final class Visitor implements AutoCloseable {
  /** Longer than any pause of a process: what hangs until it goes on may still succeed. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Where every backend answers with its name, and an ordinary image of the tests does as well. */
  static final String PATH = "/hostname";

  private static final Pattern SLOT = Pattern.compile("slot-(\\d+)\\b.*", Pattern.DOTALL);

  private final Oracle oracle;
  private final Reach reach;
  private final Fates fates;
  private final Target target;
  private final LinkedBlockingQueue<RouteHistory> hot = new LinkedBlockingQueue<>();
  private final Consumer<RouteHistory> onOpen = hot::add;
  private final Thread thread;
  private volatile boolean closed;
  private @Nullable Open open; // Null while there is no connection.
  private long served; // The newest version that came over the connection.
  private int turn;
  private volatile boolean ended;

  /** How a visitor uses connections. */
  enum Habit {
    /** One, as long as the server lets it. */
    KEEPS,
    /** A new one for each request. */
    RENEWS
  }

  /**
   * Whom it visits.
   *
   * @param pod of the replica
   * @param address the port
   * @param habit how it uses connections
   * @param period between two requests
   * @param replica the replica as it is now
   */
  record Target(
      String pod,
      URI address,
      Habit habit,
      Duration period,
      Supplier<Optional<LocalReplica>> replica) {}

  /** A connection, and what was known when it was opened. */
  private record Open(
      WebConnection connection, String host, String process, long at, boolean proven) {}

  Visitor(Oracle oracle, Reach reach, Fates fates, Target target) {
    this.oracle = oracle;
    this.reach = reach;
    this.fates = fates;
    this.target = target;
    this.turn = target.address.getPort();
    oracle.onOpen(onOpen);
    String name = "visitor " + target.pod + " " + target.address.getScheme() + " " + target.habit;
    this.thread = Thread.ofVirtual().name(name).start(this::work);
  }

  /** Stops without waiting. */
  @Override
  public void close() {
    oracle.removeOnOpen(onOpen);
    closed = true; // BEFORE the interrupt, which breaks a connection.
    thread.interrupt();
  }

  /** Stops at the end of the run: what breaks by that is nobody's fault. */
  void end() {
    ended = true;
    close();
  }

  private void work() {
    try {
      while (!Thread.interrupted()) {
        RouteHistory next = hot.poll(target.period.toNanos(), TimeUnit.NANOSECONDS);
        visit(next == null ? nextInTurn() : next);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      drop();
    }
  }

  private RouteHistory nextInTurn() {
    List<RouteHistory> routes = oracle.routes();
    turn = (turn + 1) % routes.size();
    return routes.get(turn);
  }

  private void visit(RouteHistory route) {
    if (target.address.getScheme().equals("https") && !hasCertificate(route)) {
      return;
    }
    if (target.habit == Habit.RENEWS || open == null || !open.connection.usable()) {
      drop();
    }
    boolean kept = open != null;
    Attempt attempt = new Attempt(System.nanoTime(), kept, oracle.promise(route));
    if (!kept && !reach.expected(target.pod)) {
      return; // Nobody is sent there any more.
    }
    try {
      Open used = kept && open != null ? open : connect(route);
      ask(used, route, attempt.begin);
    } catch (IOException e) {
      broke(route, e, attempt);
    }
  }

  /**
   * A request that is under way.
   *
   * @param begin since when
   * @param kept whether its connection was open before
   * @param promise what had been promised then
   */
  private record Attempt(long begin, boolean kept, Oracle.Promise promise) {}

  private Open connect(RouteHistory route) throws IOException {
    long at = System.nanoTime();
    boolean proven = reach.proven(target.pod, at);
    OptionalLong pid = target.replica.get().map(LocalReplica::pid).orElse(OptionalLong.empty());
    String process = target.pod + " (process " + pid.orElse(0) + ")";
    WebConnection connection = WebConnection.open(target.address, route.host(), PATIENCE);
    Open opened = new Open(connection, route.host(), process, at, proven);
    open = opened;
    served = 0;
    return opened;
  }

  private void ask(Open used, RouteHistory route, long begin) throws IOException {
    // BEFORE the request is sent: what is promised later does not bind its answer.
    Oracle.Promise promise = oracle.promise(route);
    WebReply reply = used.connection.get(route.host(), PATH);
    long end = System.nanoTime();
    Optional<Content.Shape> shape = shape(reply);
    if (shape.isPresent()) {
      oracle.count(Outcome.ANSWERED, route.name(), "");
      if (used.proven) {
        oracle.judge(shape.get(), reply.version().orElse(0), promise, place(used));
        served = Math.max(served, reply.version().orElse(0));
      }
      return;
    }
    Outcome outcome = outcome(begin, end);
    String text = "%s: %d %s".formatted(route.host(), reply.status(), reply.body().strip());
    oracle.count(outcome, route.name() + " ", text + " over " + place(used));
  }

  private void broke(RouteHistory route, IOException e, Attempt attempt) {
    if (ended) {
      return;
    }
    Open used = open;
    boolean answered = used != null && used.connection.answered();
    drop();
    if (closed) {
      return; // We broke it ourselves.
    }
    if (isAbsence(e) && !attempt.kept) {
      // No certificate for a host without a route: TLS has no other way to say 404.
      oracle.count(Outcome.ANSWERED, route.name(), "");
      if (reach.proven(target.pod, attempt.begin)) {
        Oracle.Place place = new Oracle.Place(target.pod, "a handshake refused", 0);
        oracle.judge(new Content.Absent(), 0, attempt.promise, place);
      }
      return;
    }
    Outcome outcome = outcome(attempt.begin, System.nanoTime());
    if (outcome != Outcome.FAILED || !attempt.kept || answered) {
      String over = used == null ? "a connection to " + target.pod : place(used).toString();
      oracle.count(
          outcome,
          route.name() + " ",
          "%s: %s over %s, after %s"
              .formatted(route.host(), e, over, Journal.millis(System.nanoTime() - attempt.begin)));
      return;
    }
    oracle.count(Outcome.REOPENED, route.name(), "");
    visit(route);
  }

  private Outcome outcome(long begin, long end) {
    return switch (fates.excuse(target.pod, begin, end).orElse(null)) {
      case KILLED -> Outcome.KILLED;
      case PAUSED -> Outcome.PAUSED;
      case null -> Outcome.FAILED;
    };
  }

  private Oracle.Place place(Open used) {
    String text =
        "%s connection, open since %.3f s,"
            .formatted(target.address.getScheme(), oracle.journal().seconds(used.at));
    return new Oracle.Place(used.process, text, served);
  }

  /** {@return whether the route, while it is there, has a certificate} */
  static boolean hasCertificate(RouteHistory route) {
    return route.secure();
  }

  /** {@return what a client sees; nothing if it was refused or the router failed} */
  static Optional<Content.Shape> shape(WebReply reply) {
    return switch (reply.status()) {
      case 200 -> {
        Matcher slot = SLOT.matcher(reply.body());
        yield slot.matches()
            ? Optional.of(new Content.Present(Integer.parseInt(slot.group(1))))
            : Optional.empty();
      }
      case 404, 421 -> Optional.of(new Content.Absent());
      default -> Optional.empty();
    };
  }

  static boolean isAbsence(IOException e) {
    return e instanceof SSLHandshakeException
        && String.valueOf(e.getMessage()).contains("unrecognized_name");
  }

  private void drop() {
    if (open != null) {
      open.connection.close();
      open = null;
    }
  }
}
