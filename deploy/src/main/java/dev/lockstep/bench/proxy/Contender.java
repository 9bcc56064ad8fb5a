package dev.lockstep.bench.proxy;

import dev.lockstep.bench.tool.ProcessTree;
import dev.lockstep.local.cluster.CertificateAuthority;
import dev.lockstep.local.cluster.KeyAndCertificate;
import java.net.URI;
import java.util.List;

/**
 * A proxy that runs.
 *
 * @param product which one
 * @param http where it takes requests in the clear
 * @param https where it takes requests over TLS
 * @param processes all of its own
 */
public record Contender(Product product, URI http, URI https, ProcessTree processes) {
  /** Its certificate and its route are for this name, which every machine knows. */
  public static final String HOST = "localhost";

  /** What is compared, in the order of each round. */
  public enum Product {
    /** The yardstick: every ratio is to it. */
    NGINX("nginx", "nginx"),
    HAPROXY("haproxy", "HAProxy"),
    LOCKSTEP("lockstep", "Lockstep");

    private final String key;
    private final String text;

    Product(String key, String text) {
      this.key = key;
      this.text = text;
    }

    /** {@return its name in JSON} */
    String key() {
      return key;
    }

    /** {@return its name for people} */
    String text() {
      return text;
    }
  }

  /** {@return what it shows its clients, by this authority} */
  public static KeyAndCertificate certificate(CertificateAuthority by) {
    return by.issue("CN=" + HOST, List.of(HOST, "127.0.0.1"), CertificateAuthority.Use.SERVER);
  }

  /** {@return a proxy on these ports} */
  static Contender on(Product product, Listening ports, long pid) {
    return new Contender(
        product,
        URI.create("http://" + HOST + ":" + ports.http),
        URI.create("https://" + HOST + ":" + ports.https),
        new ProcessTree(pid));
  }

  /**
   * Loopback ports.
   *
   * @param http in the clear
   * @param https over TLS
   */
  record Listening(int http, int https) {}
}
