package dev.lockstep.chaos.workload;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.chaos.oracle.Content;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a replica says that the mesh serves, by host.
 *
 * @param version of the model
 * @param digest of the model
 * @param shapes of the hosts that have a route; the others are absent
 */
record Model(long version, String digest, Map<String, Content.Shape> shapes) {

  /** {@return the answer to {@code /v1/config}} */
  static Model read(JsonNode json, Slots slots) {
    Map<String, Content.Shape> byService = new LinkedHashMap<>();
    for (JsonNode backend : json.path("backends")) {
      JsonNode endpoint = backend.path("endpoints").path(0);
      OptionalInt slot = slots.at(endpoint.path("address").asText(), endpoint.path("port").asInt());
      String service = backend.path("id").path("service").asText();
      slot.ifPresent(it -> byService.put(service, new Content.Present(it)));
    }
    Map<String, Content.Shape> shapes = new LinkedHashMap<>();
    for (JsonNode route : json.path("routes")) {
      String service =
          route
              .path("rules")
              .path(0)
              .path("action")
              .path("forward")
              .path(0)
              .path("backend")
              .path("service")
              .asText();
      Content.Shape shape = byService.get(service);
      if (shape != null) {
        shapes.put(route.path("host").asText(), shape);
      }
    }
    return new Model(json.path("version").asLong(), json.path("digest").asText(), shapes);
  }

  Content.Shape shape(String host) {
    return shapes.getOrDefault(host, new Content.Absent());
  }
}
