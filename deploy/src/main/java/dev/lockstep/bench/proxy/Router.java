package dev.lockstep.bench.proxy;

import dev.lockstep.bench.proxy.Contender.Product;
import dev.lockstep.local.LocalCluster;
import dev.lockstep.local.LocalMesh;
import dev.lockstep.local.MeshQuestions;
import dev.lockstep.local.SampleObjects;
import dev.lockstep.local.cluster.KeyAndCertificate;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.kubelet.Wiring;
import dev.lockstep.local.process.Await;
import dev.lockstep.local.process.Place;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One Lockstep process on an API server of its own, with one route. Confined to one thread. */
public final class Router {
  private static final String NAMESPACE = "lockstep-bench";
  private static final String SERVICE = "bodies";
  private static final String SECRET = "certificate";
  private static final Duration LIVE = Duration.ofSeconds(30);
  private static final Duration START = Duration.ofSeconds(60);

  private final Place place;
  private final LocalCluster.Means means;
  private final LocalCluster.Own cluster;
  private final HasMetadata route;

  private Router(
      Place place, LocalCluster.Means means, LocalCluster.Own cluster, HasMetadata route) {
    this.place = place;
    this.means = means;
    this.cluster = cluster;
    this.route = route;
  }

  /** {@return a router that is not started yet, with an API server and objects that are there} */
  public static Router prepare(
      Place place, LocalCluster.Means means, KeyAndCertificate pair, int backend) {
    LocalCluster.Own cluster = place.keep(LocalCluster.own(means, System.getenv()));
    try (KubernetesClient client = cluster.apiServer().administrator("lockstep-bench")) {
      HasMetadata last = SampleObjects.namespace(NAMESPACE);
      for (HasMetadata object : objects(pair, backend)) {
        last = client.resource(object).create();
      }
      return new Router(place, means, cluster, last);
    }
  }

  /**
   * A router that serves.
   *
   * @param mesh of one replica
   * @param progress is told what goes on
   */
  public record Running(LocalMesh mesh, Progress progress) {
    /** {@return it as a contender; not the same after another start} */
    public Contender contender() {
      LocalReplica replica = mesh.replicas().getFirst();
      Contender.Listening ports =
          new Contender.Listening(replica.http().getPort(), replica.https().getPort());
      return Contender.on(Product.LOCKSTEP, ports, replica.pid().orElseThrow());
    }

    /** Kills its process, and waits until the next one is Ready. */
    void startAgain() throws InterruptedException {
      LocalReplica before = mesh.replicas().getFirst();
      mesh.kubelet().kill(before.pod());
      Await.until(
          START, "Lockstep is Ready again", () -> isNew(before, mesh.replicas().getFirst()));
    }

    private static boolean isNew(LocalReplica before, LocalReplica now) {
      return now.restarts() > before.restarts() && now.ready() && now.pid().isPresent();
    }
  }

  /** Starts it with so many event loops and these settings, and waits for its barrier. */
  public Running start(int eventLoops, String... further) {
    List<String> arguments = new ArrayList<>(List.of(further));
    arguments.add("--event-loops=" + eventLoops);
    arguments.add("--backend-idle-connections=" + ServerConfig.KEPT);
    LocalMesh.Settings settings =
        LocalMesh.Settings.in(cluster, means.host())
            .wired(Wiring.direct(), arguments.toArray(String[]::new));
    LocalMesh mesh = place.keep(LocalMesh.start(settings, 1));
    mesh.awaitReady(means.progress());
    try (MeshQuestions questions = new MeshQuestions()) {
      var answer = questions.barrier(mesh.anyApi(), route, MeshQuestions.State.PRESENT, LIVE);
      if (!answer.open()) {
        throw new IllegalStateException("route: not live: " + answer.body());
      }
    }
    return new Running(mesh, means.progress());
  }

  private static List<HasMetadata> objects(KeyAndCertificate pair, int backend) {
    SampleObjects.Path path = new SampleObjects.Path("/", SERVICE);
    SampleObjects.Endpoint endpoint = SampleObjects.Endpoint.here(SERVICE, backend);
    Ingress named = SampleObjects.ingress(NAMESPACE, "named", Contender.HOST, path);
    return List.of(
        SampleObjects.namespace(NAMESPACE),
        SampleObjects.secret(NAMESPACE, SECRET, pair),
        SampleObjects.service(NAMESPACE, SERVICE),
        SampleObjects.slice(NAMESPACE, SERVICE, SERVICE, endpoint),
        forAnyName(SampleObjects.ingress(NAMESPACE, "any", "", path)),
        SampleObjects.withTls(named, Contender.HOST, SECRET));
  }

  /** {@return the same with a certificate for handshakes that name no server} */
  private static Ingress forAnyName(Ingress ingress) {
    return new IngressBuilder(ingress)
        .editSpec()
        .addNewTl()
        .withSecretName(SECRET)
        .endTl()
        .endSpec()
        .build();
  }
}
