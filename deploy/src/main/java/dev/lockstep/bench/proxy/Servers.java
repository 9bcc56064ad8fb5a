package dev.lockstep.bench.proxy;

import dev.lockstep.bench.proxy.Contender.Product;
import dev.lockstep.bench.proxy.Programs.Program;
import dev.lockstep.local.LocalCluster;
import dev.lockstep.local.cluster.KeyAndCertificate;
import dev.lockstep.local.process.Child;
import dev.lockstep.local.process.ChildCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Starts the backend and the other proxies, each in a folder of its own, in the foreground: they
 * are our children and die with us. Confined to one thread.
 */
final class Servers {
  private static final Duration START = Duration.ofSeconds(10);

  private final Programs programs;
  private final LocalCluster.Means means;
  private final ServerConfig config;

  /** Takes a port for the backend and starts nothing yet. */
  Servers(Programs programs, LocalCluster.Means means, int threads) {
    this.programs = programs;
    this.means = means;
    this.config = new ServerConfig(means.folder(), threads, means.ports().next());
  }

  /** Starts the backend; {@return its port}. */
  int startBackend() {
    Path own = newFolder("backend");
    Path files = newFolder("files");
    for (Body body : Body.values()) {
      write(files.resolve(body.file()), body.content());
    }
    start(nginx(own, config.nginxBackend(own, files)), config.backend());
    return config.backend();
  }

  /** Starts nginx as a proxy with this certificate. */
  Contender startNginx(KeyAndCertificate pair) {
    write(config.certificate(), pair.certificatePem() + pair.privateKeyPem());
    Path own = newFolder("nginx");
    Contender.Listening ports = ports();
    Child child = start(nginx(own, config.nginxProxy(own, ports)), ports.http());
    return Contender.on(Product.NGINX, ports, child.pid());
  }

  /** Starts HAProxy, after nginx, with the same certificate. */
  Contender startHaproxy() {
    Path file = newFolder("haproxy").resolve("haproxy.cfg");
    Contender.Listening ports = ports();
    write(file, config.haproxy(ports));
    String program = programs.path(Program.HAPROXY).toString();
    Child child =
        start(ChildCommand.of(log(file), List.of(program, "-db", "-f", "" + file)), ports.http());
    return Contender.on(Product.HAPROXY, ports, child.pid());
  }

  private ChildCommand nginx(Path own, String text) {
    Path file = own.resolve("nginx.conf");
    write(file, text);
    String program = programs.path(Program.NGINX).toString();
    return ChildCommand.of(
        log(file), List.of(program, "-p", "" + own, "-c", "" + file, "-e", "stderr"));
  }

  private Contender.Listening ports() {
    return new Contender.Listening(means.ports().next(), means.ports().next());
  }

  private Path newFolder(String name) {
    try {
      return Files.createDirectories(means.folder().resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path log(Path config) {
    return config.resolveSibling("server.log");
  }

  /** Starts a server and waits until it listens. */
  private Child start(ChildCommand command, int port) {
    Child child = means.children().start(command);
    long deadline = System.nanoTime() + START.toNanos();
    while (!listens(port)) {
      if (child.awaitExit(Duration.ofMillis(50)) || System.nanoTime() > deadline) {
        String program = command.arguments().getFirst();
        throw new IllegalStateException(program + ": does not listen: " + read(command.log()));
      }
    }
    return child;
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
