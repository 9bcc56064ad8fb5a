package dev.lockstep.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Questions to the API of a mesh, each to the replica that the caller chooses. Thread-safe. */
public final class MeshQuestions implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** On top of the time that a caller is ready to wait: for the way there and back. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();

  /**
   * What came back.
   *
   * @param status the HTTP status
   * @param body the JSON
   * @param took from the question to the whole answer
   */
  public record Answer(int status, JsonNode body, Duration took) {
    /** {@return whether a barrier is open} */
    public boolean open() {
      return status == 200;
    }
  }

  /** What is asked about an object. */
  public enum State {
    /** It is live on every replica. */
    PRESENT,
    /** It is gone from every replica. */
    ABSENT
  }

  /**
   * Waits until the object, as it was written, is live or gone everywhere.
   *
   * @param api a replica
   * @param object as the API server returned it: its resourceVersion is what is waited for
   * @param state what to wait for
   * @param timeout how long the mesh may take
   */
  public Answer barrier(URI api, HasMetadata object, State state, Duration timeout) {
    String apiVersion = object.getApiVersion();
    int slash = apiVersion.indexOf('/');
    StringBuilder query = new StringBuilder("/v1/barriers?");
    parameter(query, "group", slash < 0 ? "" : apiVersion.substring(0, slash));
    parameter(query, "kind", object.getKind());
    parameter(query, "namespace", object.getMetadata().getNamespace());
    parameter(query, "name", object.getMetadata().getName());
    if (state == State.PRESENT) {
      parameter(query, "resourceVersion", object.getMetadata().getResourceVersion());
    }
    parameter(query, "state", state == State.PRESENT ? "present" : "absent");
    query.append("timeout=").append(timeout.toMillis()).append("ms");
    return get(api, query.toString(), timeout);
  }

  /** {@return the answer to any question} */
  public Answer get(URI api, String pathAndQuery, Duration timeout) {
    HttpRequest request =
        HttpRequest.newBuilder(api.resolve(pathAndQuery)).timeout(timeout.plus(MARGIN)).build();
    long begin = System.nanoTime();
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      return new Answer(response.statusCode(), JSON.readTree(response.body()), took);
    } catch (IOException e) {
      throw new UncheckedIOException(api + pathAndQuery, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted: " + api + pathAndQuery, e);
    }
  }

  @Override
  public void close() {
    client.close();
  }

  private static void parameter(StringBuilder query, String name, String value) {
    query.append(name).append('=');
    query.append(URLEncoder.encode(value, StandardCharsets.UTF_8)).append('&');
  }
}
