package dev.lockstep.local.cluster;

import dev.lockstep.local.process.Child;
import dev.lockstep.local.process.ChildCommand;
import dev.lockstep.local.process.Children;
import dev.lockstep.local.process.Commands;
import dev.lockstep.local.process.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Builds the programs from their Go modules, whose versions our own modules pin. */
final class GoBuild {
  private final BinarySources sources;
  private final Children children;
  private final Progress progress;

  GoBuild(BinarySources sources, Children children, Progress progress) {
    this.sources = sources;
    this.children = children;
    this.progress = progress;
  }

  /** Builds into the folder; returns why that failed, or nothing when it worked. */
  Optional<String> into(Path folder) {
    Optional<Path> go = Commands.find("go", sources.path() + ":/usr/local/go/bin");
    if (go.isEmpty()) {
      return Optional.of("no go in PATH");
    }
    progress.say("building the API server with " + go.get() + ": once, about four minutes");
    Path kubernetes = sources.tools().resolve("kubernetes");
    String commands = "k8s.io/kubernetes/cmd/";
    return Stream.of(
            new Program("etcd", sources.tools().resolve("etcd"), "go.etcd.io/etcd/server/v3"),
            new Program("kube-apiserver", kubernetes, commands + "kube-apiserver"),
            new Program("kubectl", kubernetes, commands + "kubectl"))
        .map(program -> build(go.get(), program, folder))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /**
   * One program.
   *
   * @param name its file name
   * @param module the folder of the Go module that pins its version
   * @param source the package of its main function
   */
  private record Program(String name, Path module, String source) {}

  /** Builds one; returns why that failed, or nothing. */
  private Optional<String> build(Path go, Program wanted, Path folder) {
    String program = wanted.name;
    Path log = folder.resolveSibling("build-" + program + ".log");
    List<String> arguments =
        List.of(
            go.toString(),
            "-C",
            wanted.module.toString(),
            "build",
            "-v",
            "-mod=readonly",
            "-trimpath",
            "-buildvcs=false",
            "-ldflags",
            linkerFlags(),
            "-o",
            folder.resolve(program).toString(),
            wanted.source);
    try {
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Child build = children.start(new ChildCommand(arguments, Map.of("CGO_ENABLED", "0"), log));
    int exitCode =
        progress.during("building " + program, () -> packages(log), () -> build.exited().get());
    if (exitCode == 0) {
      progress.say("built " + program);
      return Optional.empty();
    }
    return Optional.of("go build of " + program + " failed, see " + log + ": " + lastLine(log));
  }

  /** Without these the API server calls itself v0.0.0 and its clients complain. */
  private static String linkerFlags() {
    String minor = BinaryFinder.KUBERNETES.split("\\.", -1)[1];
    StringBuilder flags = new StringBuilder("-s -w");
    for (String stamped :
        List.of("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")) {
      flags.append(" -X ").append(stamped).append(".gitVersion=v").append(BinaryFinder.KUBERNETES);
      flags.append(" -X ").append(stamped).append(".gitMajor=1");
      flags.append(" -X ").append(stamped).append(".gitMinor=").append(minor);
      flags.append(" -X ").append(stamped).append(".gitTreeState=clean");
    }
    return flags.toString();
  }

  private static String packages(Path log) {
    try (Stream<String> lines = Files.lines(log)) {
      return "(" + lines.count() + " packages)";
    } catch (IOException e) {
      return "";
    }
  }

  private static String lastLine(Path log) {
    try {
      return Files.readAllLines(log).reversed().stream().findFirst().orElse("no output");
    } catch (IOException e) {
      return "no output";
    }
  }
}
