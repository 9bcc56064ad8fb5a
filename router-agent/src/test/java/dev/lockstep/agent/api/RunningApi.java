package dev.lockstep.agent.api;

import dev.lockstep.agent.metrics.Meters;
import dev.lockstep.core.ReplicaView;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A real API on a loopback port, in front of a replica that a test decides on. */
public final class RunningApi implements AutoCloseable {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  /** What it speaks for. */
  public final ReplicaTwin replica;

  /** Its base URL. */
  public final String url;

  final ApiServer server;
  private final Vertx vertx;
  private final Meters meters;

  private RunningApi(ReplicaTwin replica, ApiLimits limits) {
    this.replica = replica;
    this.vertx = Vertx.vertx();
    this.meters = new Meters(replica::view);
    this.server = new ApiServer(vertx, replica, meters, limits);
    int port = server.bind("127.0.0.1", 0).toCompletionStage().toCompletableFuture().join();
    this.url = "http://127.0.0.1:" + port;
  }

  /** {@return an API of a replica that shows this} */
  public static RunningApi of(ReplicaView view) {
    return of(view, ApiLimits.STANDARD);
  }

  /** {@return an API with other limits} */
  static RunningApi of(ReplicaView view, ApiLimits limits) {
    return new RunningApi(new ReplicaTwin(view), limits);
  }

  /** {@return the answer to a GET of this path; headers as name, value, name, value} */
  public HttpResponse<String> get(String path, String... headers) {
    try {
      return CLIENT.send(request(path, headers), HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("GET " + path, e);
    }
  }

  CompletableFuture<HttpResponse<String>> start(String path) {
    return CLIENT.sendAsync(request(path), HttpResponse.BodyHandlers.ofString());
  }

  int port() {
    return URI.create(url).getPort();
  }

  @Override
  public void close() {
    server.close().toCompletionStage().toCompletableFuture().join();
    vertx.close().toCompletionStage().toCompletableFuture().join();
    meters.close();
  }

  private HttpRequest request(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(20));
    return (headers.length == 0 ? request : request.headers(headers)).build();
  }
}
