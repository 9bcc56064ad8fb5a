package dev.lockstep.local.cluster;

import dev.lockstep.local.process.Await;
import dev.lockstep.local.process.Child;
import dev.lockstep.local.process.ChildCommand;
import dev.lockstep.local.process.Children;
import dev.lockstep.local.process.Ports;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A real kube-apiserver with its etcd, on loopback ports of their own: RBAC, ServiceAccount tokens
 * and admission as in any cluster, an audit log, and anonymous access to the health paths alone. No
 * controllers run beside it. Confined to one thread.
 */
public final class ApiServer implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(60);

  private final Binaries binaries;
  private final Path folder;
  private final Children children;
  private final Progress progress;
  private final Pki pki;
  private final int port;
  private final int etcdPort;
  private final int etcdPeerPort;
  private Child etcd;
  private Child server;

  private ApiServer(Settings settings) {
    this.binaries = settings.binaries;
    this.folder = settings.folder;
    this.children = settings.children;
    this.progress = settings.progress;
    Ports ports = settings.ports;
    this.pki = Pki.create(folder.resolve("pki"));
    this.port = ports.next();
    this.etcdPort = ports.next();
    this.etcdPeerPort = ports.next();
    writePolicies();
    kubeconfigForServer().writeWithCertificate(kubeconfig(), pki.administrator());
    this.etcd = children.start(ChildCommand.of(log("etcd"), etcdArguments()));
    this.server = children.start(ChildCommand.of(log("kube-apiserver"), serverArguments()));
  }

  /**
   * What an API server is started with.
   *
   * @param binaries its programs
   * @param folder holds its data, keys and logs
   * @param children starts its processes
   * @param ports gives its ports
   * @param progress is told when it is ready
   */
  public record Settings(
      Binaries binaries, Path folder, Children children, Ports ports, Progress progress) {}

  /** {@return an API server that answers} */
  public static ApiServer start(Settings settings) {
    ApiServer started = new ApiServer(settings);
    started.awaitReady();
    return started;
  }

  /** Kills kube-apiserver alone, as a crash does: etcd, port and data stay. */
  public void stop() {
    server.kill();
    server.awaitExit(Duration.ofSeconds(10));
  }

  /** Starts kube-apiserver again after {@link #stop()}, and waits until it answers. */
  public void start() {
    server = children.start(ChildCommand.of(log("kube-apiserver"), serverArguments()));
    awaitReady();
  }

  /** Kills etcd alone, as a crash does: kube-apiserver, port and data stay. */
  public void stopEtcd() {
    etcd.kill();
    etcd.awaitExit(Duration.ofSeconds(10));
  }

  /** Starts etcd again after {@link #stopEtcd()}, and waits until kube-apiserver answers. */
  public void startEtcd() {
    etcd = children.start(ChildCommand.of(log("etcd"), etcdArguments()));
    awaitReady();
  }

  /** {@return a way to tell etcd what kube-apiserver does not} */
  public EtcdGateway etcd() {
    return EtcdGateway.open(URI.create("https://127.0.0.1:" + etcdPort), pki);
  }

  /** {@return its address} */
  public URI address() {
    return URI.create("https://127.0.0.1:" + port);
  }

  /** {@return the file with which an administrator reaches it} */
  public Path kubeconfig() {
    return folder.resolve("kubeconfig");
  }

  /** {@return what a client other than the administrator needs to reach it} */
  public Kubeconfig kubeconfigForServer() {
    return new Kubeconfig(address(), pki.authority().certificatePem());
  }

  /** {@return a new client of the administrator, with the name that the audit log shall show} */
  public KubernetesClient administrator(String userAgent) {
    return administrator(kubeconfig(), userAgent);
  }

  /** {@return a new client for this file, with the name that the audit log shall show} */
  public static KubernetesClient administrator(Path kubeconfig, String userAgent) {
    Config config = Config.fromKubeconfig(kubeconfig.toFile());
    config.setUserAgent(userAgent);
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  /** {@return a new client for this file that tries nothing twice and gives up after so long} */
  public static KubernetesClient impatient(Path kubeconfig, String userAgent, Duration timeout) {
    int millis = (int) timeout.toMillis();
    Config config = Config.fromKubeconfig(kubeconfig.toFile());
    config.setUserAgent(userAgent);
    config.setRequestRetryBackoffLimit(0);
    config.setConnectionTimeout(Math.max(millis, config.getConnectionTimeout()));
    config.setRequestTimeout(millis);
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  /** {@return every request that it has answered} */
  public AuditLog audit() {
    return new AuditLog(folder.resolve("audit.log"));
  }

  /** {@return the process ids of etcd and kube-apiserver} */
  public List<Long> pids() {
    return List.of(etcd.pid(), server.pid());
  }

  /** Stops both processes. */
  @Override
  public void close() {
    // A second is enough for what has no client any more; its data is thrown away.
    server.stop(Duration.ofSeconds(1));
    etcd.stop(Duration.ofSeconds(1));
  }

  private void awaitReady() {
    long begin = System.nanoTime();
    progress.during("waiting for kube-apiserver", () -> "", this::pollUntilReady);
    progress.say(
        "kube-apiserver %s ready in %.1f s"
            .formatted(address(), (System.nanoTime() - begin) / 1e9));
  }

  private boolean pollUntilReady() throws InterruptedException {
    try (KubernetesClient client = healthClient()) {
      Await.until(
          READY, () -> "kube-apiserver is ready: " + lastLines(), () -> runs() && ready(client));
    }
    return true;
  }

  private boolean runs() {
    if (!server.alive() || !etcd.alive()) {
      throw new IllegalStateException("kube-apiserver or etcd ended: " + lastLines());
    }
    return true;
  }

  private static boolean ready(KubernetesClient client) {
    try {
      return "ok".equals(client.raw("/readyz"));
    } catch (KubernetesClientException e) {
      return false;
    }
  }

  private KubernetesClient healthClient() {
    Config config = Config.fromKubeconfig(kubeconfig().toFile());
    config.setRequestRetryBackoffLimit(0);
    config.setRequestTimeout(2_000);
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  private List<String> etcdArguments() {
    String client = "https://127.0.0.1:" + etcdPort;
    String peer = "https://127.0.0.1:" + etcdPeerPort;
    List<String> arguments = new ArrayList<>();
    arguments.add(binaries.etcd().toString());
    arguments.addAll(List.of("--name=lockstep", "--unsafe-no-fsync", "--log-level=warn"));
    arguments.add("--data-dir=" + folder.resolve("etcd"));
    arguments.addAll(
        List.of("--listen-client-urls=" + client, "--advertise-client-urls=" + client));
    arguments.addAll(
        List.of("--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer));
    arguments.add("--initial-cluster=lockstep=" + peer);
    // With certificates on both ends: other users of the machine must not read Secrets here.
    for (String prefix : List.of("--", "--peer-")) {
      arguments.add(prefix + "cert-file=" + pki.path("etcd.crt"));
      arguments.add(prefix + "key-file=" + pki.path("etcd.key"));
      arguments.add(prefix + "trusted-ca-file=" + pki.path("ca.crt"));
      arguments.add(prefix + "client-cert-auth");
    }
    return arguments;
  }

  private List<String> serverArguments() {
    return List.of(
        binaries.apiServer().toString(),
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none", // Endpoints cannot hold loopback addresses.
        "--secure-port=" + port,
        "--etcd-servers=https://127.0.0.1:" + etcdPort,
        "--etcd-cafile=" + pki.path("ca.crt"),
        "--etcd-certfile=" + pki.path("etcd.crt"),
        "--etcd-keyfile=" + pki.path("etcd.key"),
        "--client-ca-file=" + pki.path("ca.crt"),
        "--tls-cert-file=" + pki.path("serving.crt"),
        "--tls-private-key-file=" + pki.path("serving.key"),
        "--authentication-config=" + folder.resolve("authentication.yaml"),
        "--authorization-mode=Node,RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=" + pki.path("tokens.pub"),
        "--service-account-signing-key-file=" + pki.path("tokens.key"),
        "--service-cluster-ip-range=10.96.0.0/16",
        "--audit-policy-file=" + folder.resolve("audit.yaml"),
        "--audit-log-path=" + folder.resolve("audit.log"),
        "--profiling=false");
  }

  private void writePolicies() {
    write(
        "authentication.yaml",
        """
        apiVersion: apiserver.config.k8s.io/v1
        kind: AuthenticationConfiguration
        anonymous:
          enabled: true
          conditions: [{path: /livez}, {path: /readyz}, {path: /healthz}]
        """);
    write(
        "audit.yaml",
        """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules: [{level: Metadata}]
        """);
  }

  private void write(String name, String text) {
    try {
      Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path log(String program) {
    return folder.resolve("logs").resolve(program + ".log");
  }

  private String lastLines() {
    try {
      List<String> lines = Files.readAllLines(log("kube-apiserver"));
      List<String> last = lines.subList(Math.max(0, lines.size() - 3), lines.size());
      return String.join("\n", last) + "\n(logs in " + folder.resolve("logs") + ")";
    } catch (IOException e) {
      return "no log";
    }
  }
}
