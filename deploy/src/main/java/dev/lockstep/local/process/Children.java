package dev.lockstep.local.process;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Starts child processes that die with us, however we die.
 *
 * <p>A small shell beside us holds the list of our children and reads from a pipe whose only writer
 * is this process. When the pipe ends, because we closed it or because we were killed, it kills
 * what is still on the list. No polling, and nothing but a POSIX shell is needed. Each child leads
 * a process group of its own where there is {@code setsid}, so that Ctrl-C reaches us alone and we
 * decide the order in which things stop. Thread-safe.
 */
public final class Children implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(5);

  private static final String WATCHDOG =
      """
      trap '' INT TERM HUP
      pids=
      while read -r sign pid; do
        case $sign in
          +) pids="$pids $pid" ;;
          -) rest=
             for p in $pids; do [ "$p" = "$pid" ] || rest="$rest $p"; done
             pids=$rest ;;
        esac
      done
      for p in $pids; do
        # With -s: Debian's sh takes "kill -KILL --" for a number, and kills no group then.
        kill -s KILL -- "-$p" 2>/dev/null || kill -s KILL "$p" 2>/dev/null
      done
      """;

  private final List<String> ownSession;
  private final Process watchdog;
  private final OutputStream toWatchdog;
  private final Set<Child> running = new LinkedHashSet<>();

  private Children(List<String> ownSession) throws IOException {
    this.ownSession = ownSession;
    List<String> command = new ArrayList<>(ownSession);
    command.addAll(List.of("sh", "-c", WATCHDOG));
    watchdog =
        new ProcessBuilder(command)
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start();
    toWatchdog = watchdog.getOutputStream();
  }

  /** {@return an empty set of children, with its watchdog running} */
  public static Children open() {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    List<String> ownSession =
        Commands.find("setsid", path).map(found -> List.of(found.toString())).orElse(List.of());
    try {
      return new Children(ownSession);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start sh", e);
    }
  }

  /** {@return the running process} */
  public synchronized Child start(ChildCommand command) {
    List<String> arguments = new ArrayList<>(ownSession);
    arguments.addAll(command.arguments());
    ProcessBuilder builder =
        new ProcessBuilder(arguments)
            .redirectErrorStream(true)
            .redirectInput(Redirect.from(new File("/dev/null")))
            .redirectOutput(Redirect.appendTo(command.log().toFile()));
    builder.environment().putAll(command.environment());
    try {
      Files.createDirectories(command.log().toAbsolutePath().getParent());
      Process process = builder.start();
      tellWatchdog("+", process.pid());
      Child child = new Child(process);
      running.add(child);
      child.exited().thenRun(() -> forget(child));
      return child;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command.arguments().getFirst(), e);
    }
  }

  /** Stops what still runs, the youngest first, and then the watchdog. */
  @Override
  public void close() {
    List<Child> left;
    synchronized (this) {
      left = new ArrayList<>(running).reversed();
    }
    left.forEach(Child::resume);
    left.forEach(child -> child.stop(GRACE));
    try {
      toWatchdog.close();
    } catch (IOException e) {
      watchdog.destroyForcibly();
    }
  }

  private synchronized void forget(Child child) {
    running.remove(child);
    try {
      // BEFORE the number can be given to a stranger for long: pids wrap around late.
      tellWatchdog("-", child.pid());
    } catch (IOException e) {
      // The watchdog is gone with us; there is nobody left to tell.
    }
  }

  private void tellWatchdog(String sign, long pid) throws IOException {
    toWatchdog.write((sign + " " + pid + "\n").getBytes(StandardCharsets.US_ASCII));
    toWatchdog.flush();
  }
}
