package dev.lockstep.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.bench.load.HttpConnection;
import dev.lockstep.bench.load.Reply;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/**
 * Writes to the API server over one connection that stays open. A client library would look at an
 * answer before it hands it over, and that time would be missing from what is measured. Confined to
 * one thread.
 */
final class ApiWriter implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

  private final URI server;
  private final SSLContext tls;
  private HttpConnection connection;

  private ApiWriter(URI server, SSLContext tls) {
    this.server = server;
    this.tls = tls;
    this.connection = HttpConnection.open(server, READ_TIMEOUT, tls);
  }

  /** {@return a writer with the rights of this file} */
  static ApiWriter open(Path kubeconfig) {
    Config config = Config.fromKubeconfig(kubeconfig.toFile());
    try {
      return new ApiWriter(URI.create(config.getMasterUrl()), SSLUtils.sslContext(config));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use " + kubeconfig, e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot use " + kubeconfig, e);
    }
  }

  /**
   * What the API server did.
   *
   * @param sentAt when the request left, on the monotonic clock, in nanoseconds
   * @param reply with the moment at which the answer began: the write is acknowledged
   */
  record Written(long sentAt, Reply reply) {
    /** {@return the resourceVersion that the object has now} */
    String resourceVersion() {
      return json(reply).path("metadata").path("resourceVersion").asText();
    }
  }

  /** Creates an object in the collection at this path. */
  Written create(String path, String json) {
    return send(HttpConnection.request("POST", server.getAuthority(), path, json));
  }

  /** Replaces the object at this path. */
  Written replace(String path, String json) {
    return send(HttpConnection.request("PUT", server.getAuthority(), path, json));
  }

  /** Deletes the object at this path. */
  Written delete(String path) {
    return send(HttpConnection.request("DELETE", server.getAuthority(), path));
  }

  @Override
  public void close() {
    connection.close();
  }

  private Written send(byte[] request) {
    if (!connection.usable()) {
      connection.close();
      connection = HttpConnection.open(server, READ_TIMEOUT, tls);
    }
    long sentAt = System.nanoTime();
    Reply reply = connection.exchange(request);
    if (reply.status() >= 300) {
      throw new IllegalStateException("API server: " + reply.status() + " " + reply.body());
    }
    return new Written(sentAt, reply);
  }

  private static JsonNode json(Reply reply) {
    try {
      return JSON.readTree(reply.body());
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("no JSON from the API server", e);
    }
  }
}
