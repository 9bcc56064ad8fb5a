package dev.lockstep.chaos.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The wall clocks of every second pod, by libfaketime: each is told in a file. Monotonic clocks are
 * left alone, as in the world, where only the wall clock is set. Thread-safe.
 */
public final class Clocks {
  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
          Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"),
          Path.of("/usr/lib/faketime/libfaketimeMT.so.1"),
          Path.of("/usr/lib64/faketime/libfaketimeMT.so.1"));

  /** As it is. */
  static final String RIGHT = "+0";

  private final Path folder;
  private final Optional<Path> library;
  private final Map<String, Path> files = new LinkedHashMap<>(); // Guarded by this.
  private int pods; // Guarded by this.

  private Clocks(Path folder, Optional<Path> library) {
    this.folder = folder;
    this.library = library;
  }

  /** {@return clocks that are told in files of this folder} */
  public static Clocks in(Path folder) {
    return new Clocks(folder, PLACES.stream().filter(Files::isReadable).findFirst());
  }

  /** {@return whether this machine has libfaketime} */
  public boolean available() {
    return library.isPresent();
  }

  /** {@return the variables with which a pod's process gets a clock of ours, if it shall} */
  public synchronized Map<String, String> environment(String pod) {
    if (library.isEmpty() || pods++ % 2 == 1) {
      return Map.of();
    }
    Path file = folder.resolve(pod);
    files.put(pod, file);
    set(pod, RIGHT);
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("LD_PRELOAD", library.get().toString());
    environment.put("FAKETIME_TIMESTAMP_FILE", file.toString());
    environment.put("FAKETIME_CACHE_DURATION", "1");
    environment.put("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    environment.put("DONT_FAKE_MONOTONIC", "1");
    // On, as it is by default, it moves the time-outs of waits, and Java hangs at its start.
    environment.put("FAKETIME_FORCE_MONOTONIC_FIX", "0");
    return environment;
  }

  /** {@return whether the pod has a clock of ours} */
  synchronized boolean has(String pod) {
    return files.containsKey(pod);
  }

  /** Sets a clock, in the words of libfaketime. */
  synchronized void set(String pod, String clock) {
    Path file = folder.resolve(pod);
    try {
      Files.createDirectories(folder);
      Path fresh = folder.resolve("." + pod);
      Files.writeString(fresh, clock + "\n");
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot set a clock", e);
    }
  }
}
