package dev.lockstep.local;

import dev.lockstep.local.MeshQuestions.Answer;
import dev.lockstep.local.MeshQuestions.State;
import dev.lockstep.local.Samples.Expected;
import dev.lockstep.local.kubelet.LocalReplica;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Verifies a mesh from outside: after each barrier every replica is asked at once, and must serve
 * exactly what was written. Collects figures and faults; confined to one thread.
 */
final class Check {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final LocalMesh mesh;
  private final MeshQuestions questions;
  private final TrafficClient traffic = new TrafficClient();
  private final List<Duration> barriers = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  private int requests;

  Check(LocalMesh mesh, MeshQuestions questions) {
    this.mesh = mesh;
    this.questions = questions;
  }

  /** {@return what went wrong, in words} */
  List<String> faults() {
    return List.copyOf(faults);
  }

  /** Waits until these objects are live everywhere. */
  void await(List<HasMetadata> objects) {
    objects.forEach(object -> await(object, State.PRESENT));
  }

  /** Asks every replica for all of these. */
  void serves(List<Expected> all) {
    for (Expected expected : all) {
      String what = expected.host() + expected.path();
      everywhere(what + " from " + expected.backends(), expected, it -> right(it, expected));
    }
  }

  /** Creates, changes and deletes a route, so many times, with a barrier after each write. */
  void change(int rounds) {
    for (int i = 0; i < rounds; i++) {
      String host = "check-" + i + ".localhost";
      Expected expected = new Expected(Samples.Scheme.HTTP, host, "/", Set.of("web-1", "web-2"));
      Ingress created = write(host, "web");
      await(created, State.PRESENT);
      everywhere(host + " created", expected, it -> right(it, expected));

      Expected moved = new Expected(Samples.Scheme.HTTP, host, "/", Set.of("api-1"));
      await(write(host, "api"), State.PRESENT);
      everywhere(host + " changed", moved, it -> right(it, moved));

      mesh.client().resource(created).delete();
      await(created, State.ABSENT);
      everywhere(host + " deleted", moved, it -> it.status() == 404);
    }
  }

  /** {@return the figures, a line each} */
  List<String> figures() {
    List<Duration> sorted = barriers.stream().sorted().toList();
    return List.of(
        "%d barriers: p50 %s, p99 %s, longest %s"
            .formatted(
                sorted.size(),
                percentile(sorted, 50),
                percentile(sorted, 99),
                percentile(sorted, 100)),
        "%d requests to %d replicas right after a barrier, %d wrong answers"
            .formatted(requests, mesh.replicas().size(), faults.size()));
  }

  private Ingress write(String host, String service) {
    Ingress wish =
        SampleObjects.ingress(
            Samples.NAMESPACE, "check", host, new SampleObjects.Path("/", service));
    return mesh.client().resource(wish).fieldManager("lockstep-check").serverSideApply();
  }

  private void await(HasMetadata object, State state) {
    Answer answer = questions.barrier(mesh.anyApi(), object, state, TIMEOUT);
    barriers.add(answer.took());
    if (!answer.open()) {
      String name = object.getKind() + "/" + object.getMetadata().getName();
      faults.add("barrier of " + name + ": " + answer.status() + " " + answer.body());
    }
  }

  private void everywhere(String what, Expected expected, Predicate<TrafficClient.Answer> right) {
    for (LocalReplica replica : mesh.replicas()) {
      boolean secure = expected.scheme() == Samples.Scheme.HTTPS;
      URI address = secure ? replica.https() : replica.http();
      requests++;
      try {
        TrafficClient.Answer answer = traffic.get(address, expected.host(), expected.path());
        if (!right.test(answer)) {
          faults.add(what + ": " + replica.pod() + " answered " + answer.status());
        }
      } catch (UncheckedIOException e) {
        faults.add(what + ": " + replica.pod() + " did not answer: " + e.getCause());
      }
    }
  }

  private static boolean right(TrafficClient.Answer answer, Expected expected) {
    return expected.backends().stream().anyMatch(answer::from);
  }

  private static String percentile(List<Duration> sorted, int percent) {
    if (sorted.isEmpty()) {
      return "-";
    }
    int index = Math.min(sorted.size() - 1, (sorted.size() * percent + 99) / 100 - 1);
    return "%.1f ms".formatted(sorted.get(Math.max(0, index)).toNanos() / 1e6);
  }
}
