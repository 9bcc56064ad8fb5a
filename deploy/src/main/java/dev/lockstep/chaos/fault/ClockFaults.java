package dev.lockstep.chaos.fault;

import static dev.lockstep.chaos.fault.FaultKind.CLOCK_JUMP;
import static dev.lockstep.chaos.fault.FaultKind.CLOCK_RATE;

import dev.lockstep.local.kubelet.LocalReplica;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Lets wall clocks jump by half an hour, and go too fast or too slow. */
public final class ClockFaults implements FaultSource {
  private final Clocks clocks;
  private final Replicas replicas;

  /** Sets these clocks. */
  public ClockFaults(Clocks clocks, Replicas replicas) {
    this.clocks = clocks;
    this.replicas = replicas;
  }

  @Override
  public Set<FaultKind> kinds() {
    return clocks.available() ? Set.of(CLOCK_JUMP, CLOCK_RATE) : Set.of();
  }

  @Override
  public Optional<Fault> begin(Order order) {
    List<String> pods = replicas.all().stream().map(LocalReplica::pod).filter(clocks::has).toList();
    if (pods.isEmpty()) {
      return Optional.empty();
    }
    String pod = pods.get(order.random().nextInt(pods.size()));
    boolean ahead = order.random().nextBoolean();
    String clock =
        order.kind() == CLOCK_JUMP ? (ahead ? "+1800" : "-1800") : (ahead ? "+0 x3" : "+0 x0.3");
    clocks.set(pod, clock);
    return Optional.of(new Fault(pod + " " + clock, () -> clocks.set(pod, Clocks.RIGHT)));
  }
}
