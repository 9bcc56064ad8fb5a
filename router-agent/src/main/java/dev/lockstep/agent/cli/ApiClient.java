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
import java.util.function.Function;

/**
 * Asks the mesh: each replica in turn, until one of them gives an answer that another would give
 * too. Every replica answers for the whole mesh, so it does not matter which one it is.
 *
 * <p>A replica that cannot be reached, or knows no leader, is passed over; after a whole round this
 * pauses, as long as Retry-After asks for but no longer than there is time.
 */
final class ApiClient {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** For the way there and back, a hop to the leader included. */
  private static final Duration ALLOWANCE = Duration.ofSeconds(4);

  /** How long a call that does not wait for anything is tried. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();
  private final ObjectMapper mapper = new ObjectMapper();
  private final List<URI> replicas;

  /** What came of asking one replica. */
  private sealed interface Outcome {}

  /** Nothing: another replica, or this one later, may know more. */
  private record Trouble(String reason, Duration pause) implements Outcome {}

  /** An answer, good or not. */
  record Answer(int status, JsonNode body) implements Outcome {

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
   * @throws CommandFailed when no replica had an answer
   */
  Answer read(String path) {
    return ask(left -> path, Duration.ZERO, PATIENCE);
  }

  /**
   * {@return the first answer that is not "try later"}
   *
   * @param path with its query, which tells the server how long it may wait: what is left
   * @param wait in all; a call that breaks off is made again for what is left of it
   * @throws CommandFailed when no replica had an answer
   */
  Answer await(Function<Duration, String> path, Duration wait) {
    return ask(path, wait, wait);
  }

  private Answer ask(Function<Duration, String> path, Duration serverWait, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      Trouble trouble = new Trouble("no replica to ask", PAUSE);
      for (URI replica : replicas) {
        Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
        Duration bound = serverWait.isZero() ? ALLOWANCE : left.plus(ALLOWANCE);
        switch (askOne(replica, path.apply(left), bound)) {
          case Answer answer -> {
            return answer;
          }
          case Trouble worse -> trouble = worse;
        }
      }
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new CommandFailed(ExitCode.UNREACHABLE, trouble.reason());
      }
      pause(Duration.ofNanos(Math.min(left, trouble.pause().toNanos())));
    }
  }

  private Outcome askOne(URI replica, String path, Duration bound) {
    try {
      HttpResponse<String> response = send(resolve(replica, path), bound);
      Answer answer = new Answer(response.statusCode(), parse(response));
      return answer.status() == 503
          ? new Trouble(replica + ": " + answer.detail(), retryAfter(response))
          : answer;
    } catch (IOException e) {
      return new Trouble(replica + " cannot be reached: " + reason(e), PAUSE);
    }
  }

  /** Waits a little before something is looked at again. */
  static void pause(Duration duration) {
    try {
      TimeUnit.NANOSECONDS.sleep(duration.toNanos());
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private HttpResponse<String> send(URI uri, Duration timeout) throws IOException {
    try {
      HttpRequest request = HttpRequest.newBuilder(uri).timeout(timeout).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static URI resolve(URI replica, String path) {
    try {
      URI uri = replica.resolve(path);
      if ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Said below, in the words of this program.
    }
    throw new CommandFailed(ExitCode.USAGE, "--api: " + replica + " (expected: http://host:port)");
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
    Duration asked =
        response
            .headers()
            .firstValue("Retry-After")
            .filter(text -> text.matches("[1-9][0-9]{0,5}"))
            .map(text -> Duration.ofSeconds(Long.parseLong(text)))
            .orElse(PAUSE);
    return asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
  }

  private static CommandFailed interrupted() {
    Thread.currentThread().interrupt();
    return new CommandFailed(ExitCode.UNREACHABLE, "interrupted");
  }

  private static String reason(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
