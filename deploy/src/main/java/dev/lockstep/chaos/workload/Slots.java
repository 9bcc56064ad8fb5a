package dev.lockstep.chaos.workload;

import dev.lockstep.bench.load.FixedBackend;
import dev.lockstep.local.SampleObjects;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The backends: each answers with its number, so that an answer tells which content of a route led
 * to it. They live for the whole run.
 */
public final class Slots implements AutoCloseable {
  /** What each is called, with its number behind. */
  public static final String PREFIX = "slot-";

  /** So many changes of one route later a number comes again. */
  private static final int HERE = 64;

  private final List<Backend> backends;
  private final List<HasMetadata> ground;
  private final List<FixedBackend> closing;

  /**
   * One of them.
   *
   * @param name what it answers
   * @param endpoint where it listens
   */
  public record Backend(String name, SampleObjects.Endpoint endpoint) {}

  private Slots(List<Backend> backends, List<HasMetadata> ground, List<FixedBackend> closing) {
    this.backends = List.copyOf(backends);
    this.ground = List.copyOf(ground);
    this.closing = List.copyOf(closing);
  }

  /** Knows backends that run elsewhere, in the order of their numbers, with their Services. */
  public Slots(List<Backend> backends) {
    this(backends, List.of(), List.of());
  }

  /** {@return backends in this process} */
  public static Slots here() {
    List<FixedBackend> started = new ArrayList<>();
    List<Backend> backends = new ArrayList<>();
    List<HasMetadata> ground = new ArrayList<>();
    ground.add(SampleObjects.namespace(Workload.NAMESPACE));
    for (int i = 0; i < HERE; i++) {
      FixedBackend own = FixedBackend.start(PREFIX + i, 0);
      started.add(own);
      Backend backend =
          new Backend(own.name(), SampleObjects.Endpoint.here(own.name(), own.port()));
      backends.add(backend);
      ground.add(SampleObjects.service(Workload.NAMESPACE, backend.name()));
      ground.add(ChaosRoute.endpoints(backend.name(), backend));
    }
    return new Slots(backends, ground, started);
  }

  int count() {
    return backends.size();
  }

  Backend get(int slot) {
    return backends.get(slot);
  }

  /** {@return what has to be written before their Services can be used} */
  List<HasMetadata> ground() {
    return ground;
  }

  /** {@return the slot that listens there} */
  OptionalInt at(String address, int port) {
    for (int i = 0; i < backends.size(); i++) {
      SampleObjects.Endpoint endpoint = backends.get(i).endpoint;
      if (endpoint.port() == port && endpoint.address().equals(address)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  @Override
  public void close() {
    closing.forEach(FixedBackend::close);
  }
}
