package dev.lockstep.chaos.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.chaos.oracle.Content;
import dev.lockstep.chaos.oracle.Floor;
import dev.lockstep.chaos.oracle.Oracle;
import dev.lockstep.chaos.oracle.RouteHistory;
import dev.lockstep.chaos.oracle.Violations;
import dev.lockstep.chaos.workload.Questions.Kind;
import dev.lockstep.local.kubelet.LocalReplica;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Asks a replica, and tells the oracle what "open" promises: at the moment at which the answer is
 * there, and not before. Thread-safe.
 */
final class Asker implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** Beyond the time that the mesh may take. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  private final Oracle oracle;
  private final Slots slots;
  private final Questions questions;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();

  Asker(Oracle oracle, Slots slots, Questions questions) {
    this.oracle = oracle;
    this.slots = slots;
    this.questions = questions;
  }

  /**
   * A question.
   *
   * @param kind of question
   * @param replica who is asked
   * @param timeout how long the mesh may take
   */
  record Question(Kind kind, LocalReplica replica, Duration timeout) {
    @Override
    public String toString() {
      return kind.label() + " at " + replica.pod();
    }
  }

  /** {@return whether the content is live, asked by the resourceVersion of its write} */
  boolean present(Question question, ChaosRoute route, Content content, String resourceVersion) {
    String query = route.query() + "&state=present&resourceVersion=" + resourceVersion;
    return opens(question, "/v1/barriers?" + query, route)
        && promised(question, route, content.sequence());
  }

  /** {@return whether the object is live, as the API server has it when the question arrives} */
  boolean presentNow(Question question, ChaosRoute route) {
    Content newest = route.history().newest();
    return opens(question, "/v1/barriers?" + route.query() + "&state=present", route)
        && promised(question, route, newest.sequence());
  }

  /** {@return whether the object is gone, as the API server has it when the question arrives} */
  boolean absent(Question question, ChaosRoute route) {
    Content newest = route.history().newest();
    if (!opens(question, "/v1/barriers?" + route.query() + "&state=absent", route)) {
      return false;
    }
    // The oldest absence that there was since the question: what came after is not promised.
    OptionalInt gone = route.history().oldest(newest.sequence(), new Content.Absent());
    if (gone.isEmpty()) {
      oracle
          .violations()
          .add(
              Violations.Kind.FALSE_OPEN,
              route.name() + " ",
              "%s: absent is open (expected: not, it has been there as %s since)"
                  .formatted(route.name(), newest));
      return false;
    }
    return promised(question, route, gone.getAsInt());
  }

  /** Asks whether the newest version that anybody has heard of is everywhere. */
  void newestVersion(Question question) {
    long version = oracle.versions().newest();
    Reply reply = ask(question, "/v1/barriers/" + version, "version " + version);
    if (reply.status == 200) {
      oracle.versions().opened(version);
    }
  }

  /** Asks for the whole model when it is everywhere, and holds it against what was open before. */
  void consistent(Question question) {
    Map<RouteHistory, Floor> before = new LinkedHashMap<>();
    oracle.routes().forEach(route -> before.put(route, route.floor()));
    Reply reply = ask(question, "/v1/config?consistent=true", "model");
    if (reply.status != 200) {
      return;
    }
    Model model = Model.read(reply.body, slots);
    oracle.versions().bound(model.version(), model.digest(), question.replica.pod());
    oracle.versions().opened(model.version());
    before.forEach(
        (route, floor) -> {
          Content.Shape shape = model.shape(route.host());
          route
              .judge(shape, floor)
              .ifPresent(
                  it ->
                      oracle.violations().add(Violations.Kind.STALE_MODEL, route.name() + " ", it));
          route
              .oldest(floor.sequence(), shape)
              .ifPresent(it -> oracle.opened(route, it, "the model at " + question.replica.pod()));
        });
  }

  /** Asks what the replica's leader serves now, for its version and digest alone. */
  void bindings(LocalReplica replica) {
    try {
      HttpResponse<String> response = send(replica, "/v1/config", Duration.ofSeconds(2));
      if (response.statusCode() == 200) {
        JsonNode json = JSON.readTree(response.body());
        String digest = json.path("digest").asText();
        oracle.versions().bound(json.path("version").asLong(), digest, replica.pod());
      }
    } catch (IOException e) {
      // It is away, or its leader is.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@return the hosts that the mesh serves and that have no route any more} */
  List<String> strangers(LocalReplica replica) {
    Model model;
    try {
      model = Model.read(JSON.readTree(send(replica, "/v1/config", MARGIN).body()), slots);
    } catch (IOException e) {
      return List.of("no answer from " + replica.pod() + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of("interrupted");
    }
    List<String> strangers = new ArrayList<>(model.shapes().keySet());
    for (RouteHistory route : oracle.routes()) {
      if (route.newest().shape() instanceof Content.Present) {
        strangers.remove(route.host());
      }
    }
    return strangers.stream()
        .map(it -> it + ": a route in the model of " + replica.pod() + " (expected: none)")
        .toList();
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  private boolean opens(Question question, String path, ChaosRoute route) {
    Reply reply = ask(question, path, route.name());
    if (reply.status == 200) {
      oracle.versions().opened(reply.body.path("version").asLong());
    }
    return reply.status == 200;
  }

  private boolean promised(Question question, ChaosRoute route, int sequence) {
    oracle.opened(
        route.history(),
        sequence,
        "%s, %.3f s".formatted(question, oracle.journal().seconds(System.nanoTime())));
    return true;
  }

  /** What came back; 0 for nothing. */
  private record Reply(int status, JsonNode body) {}

  private Reply ask(Question question, String path, String subject) {
    char separator = path.indexOf('?') < 0 ? '?' : '&';
    String whole = path + separator + "timeout=" + question.timeout.toMillis() + "ms";
    Reply reply = new Reply(0, JSON.createObjectNode());
    String text = "no answer";
    try {
      HttpResponse<String> response = send(question.replica, whole, question.timeout.plus(MARGIN));
      reply = new Reply(response.statusCode(), JSON.readTree(response.body()));
      text = text(reply);
    } catch (IOException e) {
      text = "no answer: " + e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    questions.add(question.kind, answer(reply.status));
    oracle.journal().note("answer", subject + " " + question + ": " + text);
    return reply;
  }

  private HttpResponse<String> send(LocalReplica replica, String path, Duration timeout)
      throws IOException, InterruptedException {
    URI target = replica.api().resolve(path);
    HttpRequest request = HttpRequest.newBuilder(target).timeout(timeout).build();
    return client.send(request, BodyHandlers.ofString());
  }

  private static String text(Reply reply) {
    if (reply.status != 200) {
      return reply.status + " " + reply.body.path("detail").asText();
    }
    return "open, version %d, excluded %s"
        .formatted(reply.body.path("version").asLong(), reply.body.path("excluded"));
  }

  private static Questions.Answer answer(int status) {
    return switch (status) {
      case 200 -> Questions.Answer.OPEN;
      case 504 -> Questions.Answer.LATE;
      case 503 -> Questions.Answer.UNKNOWN;
      case 0 -> Questions.Answer.NONE;
      default -> Questions.Answer.OTHER;
    };
  }
}
