package dev.lockstep.agent.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Asks the mesh: each replica in turn, until one of them gives an answer that another would give
 * too. Every replica answers for the whole mesh, so it does not matter which one it is.
 *
 * <p>A replica that cannot be reached, or knows no leader, is passed over; after a whole round this
 * pauses, as long as Retry-After asks for but no longer than the patience allows.
 */
final class ApiClient {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** Beyond what the caller waits for on the server. */
  private static final Duration ALLOWANCE = Duration.ofSeconds(10);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();
  private final ObjectMapper mapper = new ObjectMapper();
  private final List<URI> replicas;

  /** An answer, good or not. */
  record Answer(int status, JsonNode body) {

    /** {@return the sentence for people in a refusal} */
    String detail() {
      return body.path("detail").asText(body.path("title").asText("status " + status));
    }
  }

  ApiClient(List<URI> replicas) {
    this.replicas = List.copyOf(replicas);
  }

  /**
   * {@return the first answer that is not "try later"}
   *
   * @param path with its query, starts with {@code /}
   * @param wait how long the server may take to answer; also how long is tried in all
   * @throws CommandFailed when no replica had an answer
   */
  Answer get(String path, Duration wait) {
    long end = System.nanoTime() + wait.toNanos();
    String trouble = "";
    while (true) {
      Duration pause = PAUSE;
      for (URI replica : replicas) {
        try {
          HttpResponse<String> response = send(replica.resolve(path), wait.plus(ALLOWANCE));
          if (response.statusCode() != 503) {
            return new Answer(response.statusCode(), parse(response));
          }
          trouble = replica + ": " + new Answer(503, parse(response)).detail();
          pause = retryAfter(response);
        } catch (IOException e) {
          trouble = replica + " cannot be reached: " + reason(e);
        }
      }
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new CommandFailed(ExitCode.UNREACHABLE, trouble);
      }
      pause(Math.min(left, pause.toNanos()));
    }
  }

  /** Hands every line of an endless answer to the reader, until the server ends it. */
  void stream(String path, java.util.function.Consumer<String> line) {
    String trouble = "";
    for (URI replica : replicas) {
      try {
        HttpRequest request = HttpRequest.newBuilder(replica.resolve(path)).build();
        http.send(request, HttpResponse.BodyHandlers.ofLines()).body().forEach(line);
        return;
      } catch (IOException | java.io.UncheckedIOException e) {
        trouble = replica + " cannot be reached: " + reason(e);
      } catch (InterruptedException e) {
        throw interrupted();
      }
    }
    throw new CommandFailed(ExitCode.UNREACHABLE, trouble);
  }

  private HttpResponse<String> send(URI uri, Duration timeout) throws IOException {
    try {
      HttpRequest request = HttpRequest.newBuilder(uri).timeout(timeout).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private JsonNode parse(HttpResponse<String> response) {
    try {
      return mapper.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw new CommandFailed(
          ExitCode.UNREACHABLE, response.uri() + " is not a Lockstep API: no JSON");
    }
  }

  private static Duration retryAfter(HttpResponse<String> response) {
    long seconds = response.headers().firstValueAsLong("Retry-After").orElse(0);
    Duration asked = seconds > 0 ? Duration.ofSeconds(seconds) : PAUSE;
    return asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
  }

  private static void pause(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static CommandFailed interrupted() {
    Thread.currentThread().interrupt();
    return new CommandFailed(ExitCode.UNREACHABLE, "interrupted");
  }

  private static String reason(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
