package dev.lockstep.local;

import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.kubelet.SharedPorts;
import dev.lockstep.local.process.Children;
import dev.lockstep.local.process.Parts;
import dev.lockstep.local.process.Ports;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/**
 * One run of local mode, from nothing to a mesh that serves the samples, and back to nothing. Parts
 * are closed in the opposite order of their start, however far the start came. Confined to one
 * thread, but for {@link #close()}.
 */
final class Run implements AutoCloseable {
  private static final int HTTP = 8080;
  private static final int HTTPS = 8443;
  private static final Duration QUESTION = Duration.ofSeconds(5);

  private final UpOptions options;
  private final Progress progress;
  private final RunFolder folder;
  private final Parts parts;

  Run(UpOptions options, Progress progress, RunFolder folder) {
    this.options = options;
    this.progress = progress;
    this.folder = folder;
    this.parts = new Parts(progress);
  }

  /**
   * What is up.
   *
   * @param cluster where the objects are
   * @param mesh the replicas
   * @param shared the ports of all of them
   * @param check has waited for the samples and asked for them
   * @param questions asks the mesh
   * @param samples what they serve
   */
  record Started(
      LocalCluster cluster,
      LocalMesh mesh,
      SharedPorts shared,
      Check check,
      MeshQuestions questions,
      Samples samples) {}

  /** Starts everything and verifies the samples once. */
  Started start(Map<String, String> environment) {
    Children children = parts.keep(Children.open());
    Ports ports = parts.keep(Ports.open(RandomGenerator.getDefault()));
    SharedPorts shared = sharedPorts(ports);
    LocalCluster.Means means =
        new LocalCluster.Means(options.root(), folder.path(), children, ports, progress);
    LocalCluster cluster =
        options.kubeconfig().isPresent()
            ? parts.keep(
                LocalCluster.users(means.manifestFile(), options.kubeconfig().get(), progress))
            : parts.keep(LocalCluster.own(means, environment));
    Samples samples = parts.keep(Samples.start(ports));
    LocalMesh.Settings settings = LocalMesh.Settings.in(cluster, means.host()).sharing(shared);
    LocalMesh mesh = parts.keep(LocalMesh.start(settings, options.replicas()));
    if (cluster instanceof LocalCluster.Users) {
      parts.keep(() -> mesh.kubelet().removeAll());
    }
    return serveSamples(new Made(cluster, mesh, shared, samples));
  }

  /** What {@link #serveSamples} works with. */
  private record Made(LocalCluster cluster, LocalMesh mesh, SharedPorts shared, Samples samples) {}

  private Started serveSamples(Made made) {
    progress.say("starting " + options.replicas() + " replicas");
    made.mesh.awaitReady(progress);
    progress.say("replicas ready: the leader let them in");
    List<HasMetadata> stored = made.samples.apply(made.mesh.client());
    progress.say("samples applied: " + stored.size() + " objects");
    MeshQuestions questions = parts.keep(new MeshQuestions());
    Check check = new Check(made.mesh, questions);
    check.await(stored);
    check.serves(made.samples.expected());
    progress.say("barriers passed, every replica was asked");
    writeLocalFile(made, questions);
    return new Started(made.cluster, made.mesh, made.shared, check, questions, made.samples);
  }

  private void writeLocalFile(Made made, MeshQuestions questions) {
    Map<String, String> places = new LinkedHashMap<>();
    places.put("kubeconfig", made.cluster.kubeconfig().toString());
    places.put("kubectl", made.cluster.kubectl());
    places.put("http", "http://127.0.0.1:" + made.shared.http().orElseThrow());
    places.put("https", "https://127.0.0.1:" + made.shared.https().orElseThrow());
    LocalFile file = new LocalFile(folder.path().resolve("local.json"), places);
    file.write(made.mesh.replicas(), names(made.mesh, questions));
    Thread keeper =
        Thread.ofVirtual().name("local.json").start(() -> keepCurrent(file, made, questions));
    parts.keep(
        () -> {
          keeper.interrupt();
          keeper.join();
        });
  }

  /** Writes the file again whenever a replica got another process, or another pod. */
  private static void keepCurrent(LocalFile file, Made made, MeshQuestions questions) {
    List<LocalReplica> written = List.of();
    try {
      while (!Thread.interrupted()) {
        List<LocalReplica> now = made.mesh.replicas();
        if (!now.equals(written) && !now.isEmpty()) {
          file.write(now, names(made.mesh, questions));
          written = now;
        }
        Thread.sleep(Duration.ofMillis(200));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@return what the mesh calls its replicas, by pod; nothing while it has no leader} */
  private static Map<String, String> names(LocalMesh mesh, MeshQuestions questions) {
    Map<String, String> names = new LinkedHashMap<>();
    for (LocalReplica replica : mesh.replicas()) {
      try {
        questions
            .get(replica.api(), "/v1/replicas", QUESTION)
            .body()
            .path("replicas")
            .forEach(it -> names.put(it.path("pod").asText(), it.path("name").asText()));
        return names;
      } catch (UncheckedIOException e) {
        names.clear(); // This one is down; the next one knows as well.
      }
    }
    return names;
  }

  private SharedPorts sharedPorts(Ports ports) {
    if (options.port().isPresent()) {
      int port = options.port().getAsInt();
      if (!ports.claim(port)) {
        throw new IllegalArgumentException("--port: " + port + " (expected: a free port)");
      }
      return SharedPorts.of(port, claim(ports, OptionalInt.of(HTTPS)));
    }
    return SharedPorts.of(claim(ports, OptionalInt.of(HTTP)), claim(ports, OptionalInt.of(HTTPS)));
  }

  private static int claim(Ports ports, OptionalInt usual) {
    return ports.claim(usual.orElseThrow()) ? usual.getAsInt() : ports.next();
  }

  /** {@return whether it was told to stop: what fails from then on fails for that reason} */
  boolean stopping() {
    return parts.closed();
  }

  /** Stops everything, the youngest part first. */
  @Override
  public synchronized void close() {
    parts.close();
    folder.close();
  }
}
