package dev.lockstep.chaos.fault;

import static dev.lockstep.chaos.fault.FaultKind.CLOCK_JUMP;
import static dev.lockstep.chaos.fault.FaultKind.CLOCK_RATE;

import dev.lockstep.local.kubelet.LocalReplica;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Lets wall clocks jump by half an hour, and go too fast or too slow. */
public final class ClockFaults implements FaultSource {
  private static final Duration SECOND = Duration.ofSeconds(1);

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
    return Optional.of(
        order.kind() == CLOCK_JUMP ? jump(pod, ahead) : drift(pod, ahead ? 2.0 : -0.7));
  }

  private Fault jump(String pod, boolean ahead) {
    String clock = ahead ? "+1800" : "-1800";
    clocks.set(pod, clock);
    return new Fault(pod + " " + clock, () -> clocks.set(pod, Clocks.RIGHT));
  }

  /**
   * Moves the clock a little each second. The rates that libfaketime has itself stretch the waits
   * of the process as well, and last for ever: a machine on which nothing like that happens.
   */
  private Fault drift(String pod, double each) {
    Thread hand =
        Thread.ofVirtual()
            .name("clock of " + pod)
            .start(
                () -> {
                  try {
                    for (double offset = each; true; offset += each) {
                      clocks.set(pod, String.format(Locale.ROOT, "%+.1f", offset));
                      Thread.sleep(SECOND);
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    String text = String.format(Locale.ROOT, "%s %+.1f s each second", pod, each);
    return new Fault(
        text,
        () -> {
          hand.interrupt();
          hand.join();
          clocks.set(pod, Clocks.RIGHT);
        });
  }
}
