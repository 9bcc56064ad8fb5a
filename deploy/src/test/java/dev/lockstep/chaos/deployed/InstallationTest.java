package dev.lockstep.chaos.deployed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.local.SampleObjects;
import dev.lockstep.local.cluster.Manifest;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a run on a cluster changes in the manifest, and what it leaves. */
final class InstallationTest {
  private static final Manifest PLAIN =
      new Manifest(List.of(SampleObjects.namespace("lockstep-system"), deployment()));

  @Test
  void onlyTheNumberAndOneArgumentOfTheDeploymentChange() {
    Manifest changed = Installation.manifest(PLAIN, Optional.empty(), 5);
    assertThat(changed.objects().getFirst()).isEqualTo(PLAIN.objects().getFirst());
    assertThat(changed.deployment().getSpec().getReplicas()).isEqualTo(5);
    assertThat(container(changed).getImage()).isEqualTo("plain:1");
    assertThat(container(changed).getArgs()).containsExactly("agent", "--version-header=on");
  }

  @Test
  void anotherImageIsTaken() {
    Manifest changed = Installation.manifest(PLAIN, Optional.of("other:2"), 3);
    assertThat(container(changed).getImage()).isEqualTo("other:2");
  }

  private static Container container(Manifest manifest) {
    return manifest.deployment().getSpec().getTemplate().getSpec().getContainers().getFirst();
  }

  private static Deployment deployment() {
    return new DeploymentBuilder()
        .withNewSpec()
        .withReplicas(3)
        .withNewTemplate()
        .withNewSpec()
        .addNewContainer()
        .withImage("plain:1")
        .withArgs("agent")
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }
}
