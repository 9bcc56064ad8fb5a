package dev.lockstep.chaos.deployed;

import static dev.lockstep.chaos.fault.FaultKind.KILL_FOLLOWER;
import static dev.lockstep.chaos.fault.FaultKind.KILL_LEADER;
import static dev.lockstep.chaos.fault.FaultKind.PAUSE_FOLLOWER;
import static dev.lockstep.chaos.fault.FaultKind.PAUSE_FOLLOWER_BRIEFLY;
import static dev.lockstep.chaos.fault.FaultKind.PAUSE_LEADER;
import static dev.lockstep.chaos.fault.FaultKind.PAUSE_LEADER_BRIEFLY;
import static dev.lockstep.chaos.fault.FaultKind.POD_CUT;

import dev.lockstep.chaos.deployed.RouterPods.RouterPod;
import dev.lockstep.chaos.fault.FaultKind;
import dev.lockstep.chaos.fault.FaultSource;
import dev.lockstep.chaos.oracle.Fates;
import dev.lockstep.chaos.oracle.Fates.Excuse;
import dev.lockstep.local.process.Await;
import dev.lockstep.local.process.Commands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What no API of Kubernetes can do, and a command of the user's can: kills, pauses, cuts. A command
 * gets NAMESPACE/POD behind its words; the one that cuts gets also "from" and the other pods.
 */
public final class CommandFaults implements FaultSource, AutoCloseable {
  private static final Duration GONE = Duration.ofSeconds(60);

  private final Map<String, List<String>> commands;
  private final RouterPods pods;
  private final Fates fates;
  private final Map<String, String> open = new ConcurrentHashMap<>(); // The healing flag, by pod.

  /** Tells the fates what it does, before it does it. */
  public CommandFaults(Map<String, List<String>> commands, RouterPods pods, Fates fates) {
    this.commands = Map.copyOf(commands);
    this.pods = pods;
    this.fates = fates;
  }

  /** {@return what can be made with the commands of these flags} */
  static Set<FaultKind> kinds(Set<String> flags) {
    Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
    if (flags.contains(ClusterOptions.KILL)) {
      kinds.addAll(Set.of(KILL_FOLLOWER, KILL_LEADER));
    }
    if (flags.contains(ClusterOptions.PAUSE)) {
      kinds.addAll(
          Set.of(PAUSE_FOLLOWER_BRIEFLY, PAUSE_LEADER_BRIEFLY, PAUSE_FOLLOWER, PAUSE_LEADER));
    }
    if (flags.contains(ClusterOptions.CUT)) {
      kinds.add(POD_CUT);
    }
    return kinds;
  }

  @Override
  public Set<FaultKind> kinds() {
    return kinds(commands.keySet());
  }

  @Override
  public Optional<Fault> begin(Order order) throws InterruptedException {
    boolean leads =
        switch (order.kind()) {
          case KILL_LEADER, PAUSE_LEADER_BRIEFLY, PAUSE_LEADER -> true;
          case POD_CUT -> order.random().nextInt(3) > 0;
          default -> false;
        };
    Optional<RouterPod> chosen = pods.choose(leads, order.random());
    if (chosen.isEmpty() || !pods.take(chosen.get().name())) {
      return Optional.empty();
    }
    RouterPod pod = chosen.get();
    Optional<Fault> fault = Optional.empty();
    try {
      fault =
          switch (order.kind()) {
            case KILL_FOLLOWER, KILL_LEADER -> kill(pod);
            case POD_CUT -> Optional.of(cut(pod));
            default -> Optional.of(pause(pod, order.kind()));
          };
      return fault.map(it -> new Fault(it.text(), () -> heal(it, pod)));
    } finally {
      if (fault.isEmpty()) {
        pods.release(pod.name());
      }
    }
  }

  /** Takes back what is still done. */
  @Override
  public void close() {
    open.forEach((pod, flag) -> run(flag, List.of(pod)));
    open.clear();
  }

  private void heal(Fault fault, RouterPod pod) throws InterruptedException {
    try {
      fault.healing().heal();
    } finally {
      pods.release(pod.name());
    }
  }

  private Optional<Fault> kill(RouterPod pod) throws InterruptedException {
    if (!pod.mayBeKilled()) {
      return Optional.empty();
    }
    Fates.Span span = fates.begin(pod.name(), Excuse.KILLED);
    run(ClusterOptions.KILL, List.of(pod.path()));
    Await.until(
        GONE,
        pod.name() + " started again",
        () ->
            pods.find(pod.name())
                .map(it -> it.replica().restarts() > pod.replica().restarts())
                .orElse(true));
    span.endWhenReady(pod.replica().api());
    return Optional.of(Fault.over(pod.name()));
  }

  private Fault pause(RouterPod pod, FaultKind kind) {
    boolean brief = kind == PAUSE_FOLLOWER_BRIEFLY || kind == PAUSE_LEADER_BRIEFLY;
    Optional<Fates.Span> span =
        brief ? Optional.empty() : Optional.of(fates.begin(pod.name(), Excuse.PAUSED));
    begin(pod, ClusterOptions.PAUSE, ClusterOptions.RESUME, List.of(pod.path()));
    return new Fault(
        pod.name(),
        () -> {
          end(pod);
          span.ifPresent(it -> it.endWhenReady(pod.replica().api()));
        });
  }

  /** Clients still reach it: they must find nothing old there. */
  private Fault cut(RouterPod pod) {
    List<String> words = new ArrayList<>(List.of(pod.path(), "from"));
    pods.all().stream().filter(it -> !it.equals(pod)).map(RouterPod::path).forEach(words::add);
    begin(pod, ClusterOptions.CUT, ClusterOptions.HEAL, words);
    return new Fault(pod.name() + " from " + (words.size() - 2) + " others", () -> end(pod));
  }

  private void begin(RouterPod pod, String flag, String healing, List<String> words) {
    open.put(pod.path(), healing);
    run(flag, words);
  }

  private void end(RouterPod pod) {
    String flag = open.remove(pod.path());
    if (flag != null) {
      run(flag, List.of(pod.path()));
    }
  }

  private void run(String flag, List<String> more) {
    List<String> words = new ArrayList<>(commands.getOrDefault(flag, List.of()));
    words.addAll(more);
    Commands.Result result = Commands.run(words.toArray(String[]::new));
    if (!result.succeeded()) {
      throw new IllegalStateException(
          "%s: %s: exit code %d, %s"
              .formatted(
                  flag, String.join(" ", words), result.exitCode(), result.output().strip()));
    }
  }
}
