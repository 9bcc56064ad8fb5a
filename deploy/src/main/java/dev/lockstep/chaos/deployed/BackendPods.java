package dev.lockstep.chaos.deployed;

import dev.lockstep.chaos.workload.Slots;
import dev.lockstep.chaos.workload.Workload;
import dev.lockstep.local.SampleObjects;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;

/** The backends as pods, each behind a Service of its own name. */
public final class BackendPods {
  /** So many changes of one route later a number comes again. */
  private static final int COUNT = 32;

  private static final int PORT = 8080;
  private static final String LABEL = "lockstep-chaos";

  private final KubernetesClient client;

  /** Creates nothing yet. */
  public BackendPods(KubernetesClient client) {
    this.client = client;
  }

  /** Creates them. */
  public void create(String image) {
    for (int i = 0; i < COUNT; i++) {
      client.resource(pod(Slots.PREFIX + i, image)).create();
      client.resource(service(Slots.PREFIX + i)).create();
    }
  }

  /** {@return a line about them, for people} */
  public String describe() {
    return "(%d of %d ready)".formatted(ready(), COUNT);
  }

  /** {@return whether all are} */
  public boolean allReady() {
    return ready() == COUNT;
  }

  /** {@return what the workload must know of them, once all are ready} */
  public Slots slots() {
    List<Slots.Backend> backends = new ArrayList<>();
    List<Pod> pods = pods();
    for (int i = 0; i < COUNT; i++) {
      String name = Slots.PREFIX + i;
      String address =
          pods.stream()
              .filter(it -> it.getMetadata().getName().equals(name))
              .map(it -> it.getStatus().getPodIP())
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("pod " + name + ": gone"));
      String type = address.contains(":") ? "IPv6" : "IPv4";
      backends.add(new Slots.Backend(name, new SampleObjects.Endpoint(type, address, PORT)));
    }
    return new Slots(backends);
  }

  private long ready() {
    return pods().stream().filter(BackendPods::isReady).count();
  }

  private List<Pod> pods() {
    return client.pods().inNamespace(Workload.NAMESPACE).list().getItems();
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .anyMatch(it -> it.getType().equals("Ready") && it.getStatus().equals("True"));
  }

  private static Service service(String name) {
    return new ServiceBuilder(SampleObjects.service(Workload.NAMESPACE, name))
        .editSpec()
        .addToSelector(LABEL, name)
        .editFirstPort()
        .withNewTargetPort(PORT)
        .endPort()
        .endSpec()
        .build();
  }

  private static Pod pod(String name, String image) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(Workload.NAMESPACE)
        .withName(name)
        .addToLabels(LABEL, name)
        .endMetadata()
        .withNewSpec()
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withTerminationGracePeriodSeconds(1L)
        .addNewContainer()
        .withName("backend")
        .withImage(image)
        .withArgs("netexec", "--http-port=" + PORT)
        .addNewPort()
        .withName("http")
        .withContainerPort(PORT)
        .endPort()
        .withNewReadinessProbe()
        .withNewHttpGet()
        .withPath("/hostname")
        .withNewPort(PORT)
        .endHttpGet()
        .withPeriodSeconds(5)
        .withTimeoutSeconds(4)
        .withFailureThreshold(20)
        .endReadinessProbe()
        .endContainer()
        .endSpec()
        .build();
  }
}
