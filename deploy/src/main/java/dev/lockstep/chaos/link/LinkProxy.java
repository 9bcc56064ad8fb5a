package dev.lockstep.chaos.link;

import dev.lockstep.chaos.link.LinkRules.Harm;
import dev.lockstep.chaos.link.LinkRules.Way;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stands for one port of a replica. It listens if and only if the replica does, or it would make a
 * dead process look alive; a cut is silence, never a refusal. Thread-safe.
 */
final class LinkProxy {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int BACKLOG = 128;
  private static final int CONNECT_MILLIS = 500;
  private static final Duration POLL = Duration.ofMillis(20);

  private final String pod;
  private final int port;
  private final int target;
  private final LinkRules rules;
  private final PeerFinder peers;
  private final Set<LinkConnection> connections = ConcurrentHashMap.newKeySet();
  private @Nullable ServerSocket listener; // Null while it refuses; guarded by this.

  /**
   * Refuses until it is opened.
   *
   * @param pod of the replica
   * @param ports where it listens, and where the replica does
   */
  LinkProxy(String pod, Ports ports, LinkRules rules, PeerFinder peers) {
    this.pod = pod;
    this.port = ports.own;
    this.target = ports.target;
    this.rules = rules;
    this.peers = peers;
  }

  /** Its own port, and that of the replica. */
  record Ports(int own, int target) {}

  int port() {
    return port;
  }

  /** {@return what goes through it now} */
  List<LinkConnection> connections() {
    return List.copyOf(connections);
  }

  synchronized boolean isOpen() {
    return listener != null;
  }

  /** Listens, if the replica does. */
  synchronized void openIfThere() {
    if (listener != null || !there()) {
      return;
    }
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(LOOPBACK, port), BACKLOG);
      listener = socket;
      Thread.ofVirtual().name("link proxy " + pod).start(() -> accept(socket));
    } catch (IOException e) {
      // Its last listener is closed, but not gone while a thread waits in it: the next turn.
      listener = null;
    }
  }

  /** Refuses from now on; connections that stand go on. */
  synchronized void refuse() {
    if (listener != null) {
      try {
        listener.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      listener = null;
    }
  }

  /** Refuses, and ends what stands. */
  void close() {
    refuse();
    connections().forEach(LinkConnection::reset);
  }

  private boolean there() {
    try (Socket socket = connect()) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(LOOPBACK, target), CONNECT_MILLIS);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private void accept(ServerSocket socket) {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        Thread.ofVirtual().name("link to " + pod).start(() -> join(client));
      } catch (IOException e) {
        return; // Closed: the only way out of accept here.
      }
    }
  }

  private void join(Socket client) {
    try {
      client.setTcpNoDelay(true);
      Way way = new Way(peers.podOf(client.getPort(), port), pod);
      while (rules.harmed(way, Harm.STOP)) {
        Thread.sleep(POLL); // The first packet is lost like any other.
      }
      Socket server = connect();
      Joined joined = new Joined();
      LinkConnection connection =
          new LinkConnection(client, server, way, new LinkConnection.Ends(rules, joined::end));
      joined.begin(connection);
      connection.start();
    } catch (IOException e) {
      closeQuietly(client);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closeQuietly(client);
    }
  }

  /** Keeps a connection on the list while it stands. */
  private final class Joined {
    private @Nullable LinkConnection connection;

    void begin(LinkConnection begun) {
      connection = begun;
      connections.add(begun);
    }

    void end() {
      if (connection != null) {
        connections.remove(connection);
      }
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed either way.
    }
  }
}
