package dev.lockstep.sim;

import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Scheduler;
import dev.lockstep.sim.invariant.Mesh;
import dev.lockstep.sim.invariant.Violation;
import dev.lockstep.sim.world.SimPod;
import dev.lockstep.sim.world.SimShell;
import dev.lockstep.sim.world.World;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Once faults and changes have stopped, every replica holds, serves and has acked what the API
 * server holds; the barrier opens; then nothing moves any more, and followers ask the API server
 * nothing (I5, design §4).
 */
public final class Convergence {

  private static final long LOOK = Scheduler.millis(250);

  private final World world;

  /** Creates an observer of this world. */
  public Convergence(World world) {
    this.world = world;
  }

  /** Runs the world until it has converged, or throws when it does not within the time. */
  public void await(Duration limit) {
    long end = world.scheduler().now() + limit.toNanos();
    String missing = missing();
    while (!missing.isEmpty()) {
      if (world.scheduler().now() > end) {
        throw new Violation(
            this, "not within " + limit + ": " + missing + "\n  " + describe(world));
      }
      world.run(LOOK);
      missing = missing();
    }
    world.mark(Mark.CONVERGED);
  }

  /** Waits for what was under way: a commit or a watch event that changes nothing in the end. */
  private void settle() {
    Timings timings = world.knobs().timings();
    Version before = Version.NONE;
    while (!before.equals(world.lease().object().map(Lease::version).orElse(Version.NONE))) {
      before = world.lease().object().map(Lease::version).orElse(Version.NONE);
      world.run(world.knobs().watchLag() + 2 * timings.leaseDuration().toNanos());
      await(timings.fenceTime().multipliedBy(20));
    }
  }

  /** Checks that a converged world answers, and stays as it is. */
  public void staysQuiet() {
    settle();
    expectOpen();
    Version version = leader().orElseThrow().view().served();
    world.run(Scheduler.millis(1000));
    Map<SimShell, Long> before = followerRequests();
    world.run(2 * world.knobs().timings().leaseDuration().toNanos());
    Map<SimShell, Long> after = followerRequests();
    if (!after.equals(before)) {
      throw new Violation(
          this, "followers ask the API server in peace: " + before + " -> " + after);
    }
    String missing = missing();
    Version now = leader().map(SimShell::view).map(ReplicaView::served).orElse(Version.NONE);
    if (!missing.isEmpty() || !now.equals(version)) {
      throw new Violation(
          this, "moves in peace from " + version + " to " + now + ": " + missing + describe(world));
    }
  }

  /** Checks that the barrier of what is current is open, on everyone. */
  public void expectOpen() {
    Duration patience = world.knobs().timings().fenceTime();
    SimShell leader = leader().orElseThrow();
    int everyone = world.processes().wanted();
    long question = world.questions().ask(leader, new Question.AtCurrent(), patience, everyone);
    long end = world.scheduler().now() + patience.toNanos();
    while (world.questions().answer(question).isEmpty() && world.runNext(end)) {
      // Until the answer, or for too long.
    }
    Optional<Answer> answer = world.questions().answer(question);
    if (answer.isEmpty() || !(answer.get() instanceof Answer.Open)) {
      throw new Violation(this, "in peace the barrier answers " + answer + describe(world));
    }
  }

  private Map<SimShell, Long> followerRequests() {
    return world.running().stream()
        .filter(shell -> !shell.isLeading())
        .collect(Collectors.toMap(shell -> shell, SimShell::requests));
  }

  private Optional<SimShell> leader() {
    List<SimShell> leaders = world.running().stream().filter(SimShell::isLeading).toList();
    return leaders.size() == 1 ? Optional.of(leaders.get(0)) : Optional.empty();
  }

  /** {@return what is missing to convergence, empty if nothing is} */
  public String missing() {
    Optional<SimShell> leader = leader();
    if (leader.isEmpty()) {
      return "one leader";
    }
    List<SimShell> running = world.running();
    if (running.size() != world.processes().wanted()) {
      return "all processes";
    }
    for (SimShell shell : running) { // Looked at first, because views cost more.
      if (!shell.takesRequests() || !shell.pod().object().isInSync()) {
        return shell + " taking requests and in sync";
      }
    }
    ReplicaView view = leader.get().view();
    if (view.leadership().isEmpty()) {
      return "a leadership in the leader's view";
    }
    ReplicaView.Leadership leadership = view.leadership().get();
    if (leadership.api() != Message.ApiAccess.CONFIRMED
        || leadership.sources() != ReplicaView.Sources.SYNCED
        || !leadership.undecidable().isEmpty()) {
      return "a leader that can tell";
    }
    if (!leadership.open().equals(leadership.committed())) {
      return "an open barrier";
    }
    if (world.lease().object().filter(lease -> names(lease, view)).isEmpty()) {
      return "a Lease that says so";
    }
    return missingReplica(leadership.committed(), view.digest());
  }

  private static boolean names(Lease lease, ReplicaView leader) {
    return lease.isHeldBy(leader.self().replica())
        && lease.epoch().equals(leader.epoch())
        && lease.version().equals(leader.served())
        && lease.digest().equals(Optional.of(leader.digest()));
  }

  private String missingReplica(Version version, Digest digest) {
    for (SimShell shell : world.running()) {
      ReplicaView view = shell.view();
      if (!shell.takesRequests() || view.readiness() != ReplicaView.Readiness.READY) {
        return shell + " taking requests";
      }
      if (!view.served().equals(version) || !view.digest().equals(digest)) {
        return shell + " serving " + version;
      }
      if (!shell.isLeading() && view.standing() != Message.Standing.IN_SYNC) {
        return shell + " knowing that it is in sync";
      }
    }
    for (SimPod pod : world.pods().existing()) {
      if (!pod.object().isInSync() || pod.process().isEmpty() || pod.isLeaving()) {
        return pod + " in sync and running";
      }
    }
    return missingObject(world.contents(digest));
  }

  private String missingObject(Map<ObjectKey, Long> contents) {
    for (int i = 0; i < World.OBJECTS; i++) {
      ObjectKey key = World.object(i);
      List<Mesh.ObjectWrite> writes = world.writes(key);
      Mesh.ObjectWrite last =
          writes.isEmpty() ? new Mesh.ObjectWrite(0, Mesh.Form.DELETED, 0) : writes.getLast();
      Long serves = contents.get(key);
      boolean right =
          switch (last.form()) {
            case ROUTED, POISON, MODERN -> serves != null && serves == last.since();
            case IGNORED, DELETED -> serves == null;
            case QUARANTINED -> true;
          };
      if (!right) {
        return key + " as it is: " + last + ", served " + serves;
      }
    }
    return "";
  }

  /** {@return one line for each replica} */
  public static String describe(World world) {
    StringBuilder text = new StringBuilder();
    for (SimShell shell : world.running()) {
      ReplicaView view = shell.view();
      text.append("\n  ").append(shell).append(' ').append(view.role());
      text.append(" epoch ").append(view.epoch()).append(" serves ").append(view.served());
      text.append(' ').append(view.standing()).append(' ').append(view.readiness());
      text.append(shell.takesRequests() ? " takes requests " : " refuses ");
      text.append(shell.pod().object().condition());
      view.leadership()
          .ifPresent(
              l ->
                  text.append("\n      committed ")
                      .append(l.committed() + " open " + l.open() + " " + l.api())
                      .append(" " + l.sources() + " " + l.undecidable() + " " + l.members()));
    }
    text.append("\n  lease ").append(world.lease().object());
    return text.toString();
  }
}
