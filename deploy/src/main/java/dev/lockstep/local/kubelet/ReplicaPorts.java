package dev.lockstep.local.kubelet;

import dev.lockstep.local.process.Ports;
import java.net.URI;

/**
 * The loopback ports of one replica; they stay the same when its process is started again.
 *
 * @param http traffic in the clear
 * @param https traffic over TLS
 * @param api questions about the mesh
 * @param mesh other replicas
 */
record ReplicaPorts(int http, int https, int api, int mesh) {
  static ReplicaPorts choose(Ports ports) {
    return new ReplicaPorts(ports.next(), ports.next(), ports.next(), ports.next());
  }

  URI httpAddress() {
    return URI.create("http://127.0.0.1:" + http);
  }

  URI httpsAddress() {
    return URI.create("https://127.0.0.1:" + https);
  }

  URI apiAddress() {
    return URI.create("http://127.0.0.1:" + api);
  }

  URI meshAddress() {
    return URI.create("https://127.0.0.1:" + mesh);
  }
}
