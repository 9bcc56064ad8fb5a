package dev.lockstep.local.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the API server was asked, in order.
 *
 * @param file its audit log, one JSON object per line
 */
public record AuditLog(Path file) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One request. A watch counts when it begins.
   *
   * @param user who asked
   * @param userAgent the name that the client gave itself
   * @param pod the pod to which the client's token is bound; empty without one
   * @param verb get, list, watch, create, update, patch, delete
   * @param resource for example {@code leases} or {@code pods/status}
   * @param code the HTTP status of the answer
   */
  public record Request(
      String user, String userAgent, String pod, String verb, String resource, int code) {}

  /** {@return the requests so far} */
  public List<Request> requests() {
    return requestsFrom(0);
  }

  /** {@return how many lines there are, to be given to {@link #requestsFrom(long)} later} */
  public long mark() {
    return lines().count();
  }

  /** {@return the requests that were logged after the mark} */
  public List<Request> requestsFrom(long mark) {
    return lines()
        .skip(mark)
        .map(AuditLog::parse)
        .filter(AuditLog::first)
        .map(AuditLog::request)
        .toList();
  }

  /** {@return the lines that are written whole; the last one may just be on its way} */
  private Stream<String> lines() {
    try {
      String text = Files.readString(file);
      return text.substring(0, text.lastIndexOf('\n') + 1).lines();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A watch is logged when it begins and when it ends, everything else when it is answered. */
  private static boolean first(JsonNode event) {
    boolean watch = event.path("verb").asText().equals("watch");
    return event.path("stage").asText().equals(watch ? "ResponseStarted" : "ResponseComplete");
  }

  private static Request request(JsonNode event) {
    JsonNode object = event.path("objectRef");
    String subresource = object.path("subresource").asText();
    String pods = "authentication.kubernetes.io/pod-name";
    return new Request(
        event.path("user").path("username").asText(),
        event.path("userAgent").asText(),
        event.path("user").path("extra").path(pods).path(0).asText(),
        event.path("verb").asText(),
        object.path("resource").asText() + (subresource.isEmpty() ? "" : "/" + subresource),
        event.path("responseStatus").path("code").asInt());
  }
}
