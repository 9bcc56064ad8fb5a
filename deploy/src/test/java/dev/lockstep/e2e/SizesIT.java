package dev.lockstep.e2e;

import static dev.lockstep.e2e.RealMesh.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.local.MeshQuestions.Answer;
import dev.lockstep.local.MeshQuestions.State;
import dev.lockstep.local.SampleObjects;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The barrier means the same for one replica, for two, and for five: no odd number is needed. */
final class SizesIT {

  private static void assertChange(RealMesh mesh, int replicas) {
    Ingress created =
        mesh.apply(
            SampleObjects.ingress(
                NAMESPACE, "size", "size.localhost", new SampleObjects.Path("/", "web")));
    Answer answer = mesh.barrier(created, State.PRESENT);
    assertThat(answer.open()).as("%s", answer.body()).isTrue();
    assertThat(answer.body().path("applied")).hasSize(replicas);
    mesh.assertServed("size.localhost", "/", "web-1");
    mesh.delete(created);
    mesh.awaitOpen(created, State.ABSENT);
    mesh.assertStatus("size.localhost", 404);
  }

  @Nested
  final class One {
    @RegisterExtension static final RealMesh MESH = RealMesh.of(1);

    @Test
    void oneReplicaIsAMesh() {
      assertChange(MESH, 1);
    }
  }

  @Nested
  final class Two {
    @RegisterExtension static final RealMesh MESH = RealMesh.of(2);

    @Test
    void twoReplicasAreAMesh() {
      assertChange(MESH, 2);
    }
  }

  @Nested
  final class Five {
    @RegisterExtension static final RealMesh MESH = RealMesh.of(5);

    @Test
    void fiveReplicasAreAMesh() {
      assertChange(MESH, 5);
    }
  }
}
