package dev.lockstep.bench.training;

import dev.lockstep.local.cluster.Trust;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;

/** Asks a replica, many at a time, for as long as it takes to compile what is asked. */
final class TrainingLoad {
  private static final int CLIENTS = 32;

  private final SSLContext tls;
  private final String body;
  private final Duration length;

  /** Expects this body, and a certificate of this authority; each part takes so long. */
  TrainingLoad(String authorityPem, String body, Duration length) {
    this.tls = Trust.in(authorityPem);
    this.body = body;
    this.length = length;
  }

  /** What is spoken. */
  enum Protocol {
    HTTP_1_1(HttpClient.Version.HTTP_1_1),
    HTTP_2(HttpClient.Version.HTTP_2);

    private final HttpClient.Version version;

    Protocol(HttpClient.Version version) {
      this.version = version;
    }
  }

  /**
   * Asks there, and checks every answer.
   *
   * @throws IllegalStateException if one is wrong
   */
  void ask(URI address, Protocol protocol) throws IOException, InterruptedException {
    long until = System.nanoTime() + length.toNanos();
    try (HttpClient client =
            HttpClient.newBuilder().sslContext(tls).version(protocol.version).build();
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        all.add(
            clients.submit(
                () -> {
                  askUntil(until, client, address.resolve("/"), protocol);
                  return null;
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(address + ": " + e.getCause(), e);
    }
  }

  private void askUntil(long until, HttpClient client, URI address, Protocol protocol)
      throws IOException, InterruptedException {
    HttpRequest get = HttpRequest.newBuilder(address).build();
    while (System.nanoTime() - until < 0) {
      HttpResponse<String> answer = client.send(get, HttpResponse.BodyHandlers.ofString());
      if (!answer.body().equals(body) || answer.version() != protocol.version) {
        throw new IllegalStateException(address + ": " + answer);
      }
    }
  }
}
