package dev.lockstep.local.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Free loopback ports that nobody else takes between the choice and the bind.
 *
 * <p>Binding port 0 to find a free one races with every other process on the machine. So the range
 * below the kernel's ephemeral ports is cut into blocks, and a run holds a file lock on its block,
 * which the kernel releases however the run ends. Thread-safe.
 */
public final class Ports implements AutoCloseable {
  private static final int FIRST = 20_000;
  private static final int BLOCK = 100;
  private static final int BLOCKS = 120;

  private final Path folder;
  private final List<FileChannel> locks = new ArrayList<>();
  private int block;
  private int end;
  private int next;

  private Ports(Path folder, int block) {
    this.folder = folder;
    this.block = block;
  }

  /** {@return a block of ports that is ours until it is closed} */
  public static Ports open(RandomGenerator random) {
    String owner = System.getProperty("user.name");
    Path folder = Path.of(System.getProperty("java.io.tmpdir"), "lockstep-ports-" + owner);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot lock ports in " + folder, e);
    }
    Ports ports = new Ports(folder, random.nextInt(BLOCKS));
    ports.lockBlock();
    return ports;
  }

  /** {@return a port that is free now and that no other run will choose} */
  public synchronized int next() {
    while (true) {
      if (next == end) {
        lockBlock(); // A run that replaces its pods for an hour needs more than one.
      }
      int port = next++;
      if (free(port)) {
        return port;
      }
    }
  }

  /** Takes a port that people know; returns false when it is in use or another run has it. */
  public synchronized boolean claim(int port) {
    try {
      FileChannel channel = tryLock(folder.resolve("shared-" + port));
      if (channel.isOpen()) {
        locks.add(channel);
      }
      return channel.isOpen() && free(port);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot lock port " + port, e);
    }
  }

  /** {@return whether the port can be bound on the loopback address} */
  public static boolean free(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Lets others have them. */
  @Override
  public synchronized void close() {
    try {
      for (FileChannel lock : locks) {
        lock.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void lockBlock() {
    try {
      for (int i = 0; i < BLOCKS; i++) {
        int begin = FIRST + block * BLOCK;
        block = (block + 1) % BLOCKS;
        FileChannel channel = tryLock(folder.resolve(Integer.toString(begin)));
        if (channel.isOpen()) {
          locks.add(channel);
          next = begin;
          end = begin + BLOCK;
          return;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot lock ports in " + folder, e);
    }
    throw new IllegalStateException("ports: all " + BLOCKS + " blocks are locked in " + folder);
  }

  /** {@return a channel that holds the lock, or a closed one when somebody else does} */
  private static FileChannel tryLock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean locked;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      locked = false; // Another run inside this very process.
    }
    if (!locked) {
      channel.close();
    }
    return channel;
  }
}
