package dev.lockstep.local.cluster;

import dev.lockstep.local.process.Children;
import dev.lockstep.local.process.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds kube-apiserver, etcd and kubectl: in the user's folder, in our cache, on the network, or by
 * building them, in this order. What is fetched or built goes into the cache, each file moved there
 * whole, under a lock, so that two runs at once neither collide nor do the work twice.
 */
public final class BinaryFinder {
  /** What is built. A download may differ in the last number. */
  static final String KUBERNETES = "1.36.3";

  /** The etcd that goes with it. */
  static final String ETCD = "3.6.16";

  private final BinarySources sources;
  private final Children children;
  private final Progress progress;

  /** Looks in these places, and builds with these children. */
  public BinaryFinder(BinarySources sources, Children children, Progress progress) {
    this.sources = sources;
    this.children = children;
    this.progress = progress;
  }

  /**
   * {@return the programs}
   *
   * @throws BinariesMissing when no way led to them
   */
  public Binaries find() {
    Optional<Binaries> assets = sources.assets().flatMap(Binaries::in);
    if (assets.isPresent()) {
      return assets.get();
    }
    sources
        .assets()
        .ifPresent(it -> progress.say("KUBEBUILDER_ASSETS=" + it + " is not complete: not used"));
    Path home = sources.cache().resolve("kubernetes-v" + KUBERNETES + "-etcd-v" + ETCD);
    return Binaries.in(home).orElseGet(() -> prepare(home));
  }

  private Binaries prepare(Path home) {
    try {
      Files.createDirectories(home);
      try (FileChannel channel =
              FileChannel.open(
                  home.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = lock(channel)) {
        if (!lock.isValid()) {
          throw new IllegalStateException("lock: lost on " + home);
        }
        // AFTER the lock: the run that we waited for has probably done the work.
        Optional<Binaries> done = Binaries.in(home);
        if (done.isPresent()) {
          return done.get();
        }
        return fetchOrBuild(home);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + home, e);
    }
  }

  private FileLock lock(FileChannel channel) throws IOException {
    FileLock free = channel.tryLock();
    if (free != null) {
      return free;
    }
    String what = "waiting for another run that prepares kube-apiserver";
    progress.say(what);
    return progress.during(what, () -> "", channel::lock);
  }

  private Binaries fetchOrBuild(Path home) throws IOException {
    Path fresh = Files.createTempDirectory(home, ".new");
    try {
      Optional<String> noDownload = new Download(sources.index(), progress).into(fresh);
      if (noDownload.isPresent()) {
        progress.say("download: " + noDownload.get());
        Optional<String> noBuild = new GoBuild(sources, children, progress).into(fresh);
        if (noBuild.isPresent()) {
          throw new BinariesMissing(explain(noDownload.get(), noBuild.get()));
        }
      }
      for (String program : List.of("kube-apiserver", "etcd", "kubectl")) {
        Files.move(fresh.resolve(program), home.resolve(program), StandardCopyOption.ATOMIC_MOVE);
      }
      return Binaries.in(home).orElseThrow();
    } finally {
      delete(fresh);
    }
  }

  private String explain(String noDownload, String noBuild) {
    return """
    No kube-apiserver, etcd and kubectl. Any one of these helps:
      - set KUBEBUILDER_ASSETS to a folder that holds all three (is: %s)
      - put all three into %s
      - give access to %s
        (%s)
      - install Go 1.26 or later, with access to a Go module proxy
        (%s)
      - use a cluster of yours: --kubeconfig FILE\
    """
        .formatted(
            sources.assets().map(Path::toString).orElse("not set"),
            sources.cache().resolve("kubernetes-v" + KUBERNETES + "-etcd-v" + ETCD),
            sources.index(),
            noDownload,
            noBuild);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
