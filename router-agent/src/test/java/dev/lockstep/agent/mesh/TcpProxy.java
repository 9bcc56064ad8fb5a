package dev.lockstep.agent.mesh;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** A wire that can be cut: forwards bytes until told to stop, without closing anything. */
final class TcpProxy implements AutoCloseable {
  private static final int PIECE = 4096;

  private final ServerSocket listener;
  private final int target;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /** Pieces that may still pass from the target to the clients. */
  private final Semaphore toClients = new Semaphore(Integer.MAX_VALUE / 2);

  private final Semaphore toTarget = new Semaphore(Integer.MAX_VALUE / 2);
  final AtomicLong bytesToClients = new AtomicLong();

  TcpProxy(int target) {
    this.target = target;
    try {
      this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** From now on nothing passes: to both sides it looks like silence. */
  void freeze() {
    toClients.drainPermits();
    toTarget.drainPermits();
  }

  /** Lets only so many pieces of 4 KiB pass to the clients from now on. */
  void limitToClients(int pieces) {
    toClients.drainPermits();
    toClients.release(pieces);
  }

  /** Resets all connections, whatever was under way. */
  void reset() {
    for (Socket socket : sockets) {
      try {
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (IOException ignored) {
        // Closed by the other side meanwhile.
      }
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(client);
        sockets.add(server);
        Thread.ofVirtual().start(() -> pump(client, server, toTarget, new AtomicLong()));
        Thread.ofVirtual().start(() -> pump(server, client, toClients, bytesToClients));
      }
    } catch (IOException ignored) {
      // Closed.
    }
  }

  private static void pump(Socket from, Socket to, Semaphore permits, AtomicLong count) {
    byte[] piece = new byte[PIECE];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        permits.acquire();
        to.getOutputStream().write(piece, 0, read);
        count.addAndGet(read);
      }
    } catch (IOException ignored) {
      // The end of this direction.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    reset();
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
