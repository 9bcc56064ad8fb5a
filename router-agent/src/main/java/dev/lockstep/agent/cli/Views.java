package dev.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;

/** Puts the API's answers into lines for people. */
final class Views {
  private Views() {}

  static void status(JsonNode mesh, PrintStream out) {
    int inSync = 0;
    for (JsonNode replica : mesh.path("replicas")) {
      String state = replica.path("state").asText();
      inSync += state.equals("leader") || state.equals("in-sync") ? 1 : 0;
    }
    out.printf("leader     %s, epoch %s%n", text(mesh, "leader"), text(mesh, "epoch"));
    out.printf(
        "version    %s, open on every replica: %s%n", text(mesh, "version"), text(mesh, "open"));
    out.printf("replicas   %d of %d in sync%n", inSync, mesh.path("replicas").size());
    out.printf("api        %s, sources %s%n", text(mesh, "api"), text(mesh, "sources"));
    if (!text(mesh, "undecidable").isEmpty()) {
      out.printf("undecided  %s%n", text(mesh, "undecidable"));
    }
    out.println();
    replicas(mesh, out);
    quarantined(mesh, out);
  }

  static void replicas(JsonNode mesh, PrintStream out) {
    Table table =
        new Table("NAME", "POD", "NODE", "STATE", "VERSION", "LAG", "ACKED", "API", "REASON");
    for (JsonNode replica : mesh.path("replicas")) {
      table.row(
          text(replica, "name"),
          text(replica, "pod"),
          text(replica, "node"),
          text(replica, "state"),
          text(replica, "version"),
          text(replica, "lag"),
          text(replica, "ackedAt"),
          text(replica, "api"),
          text(replica, "reason"));
    }
    table.print(out);
  }

  private static void quarantined(JsonNode mesh, PrintStream out) {
    if (mesh.path("quarantined").isEmpty()) {
      return;
    }
    out.println();
    Table table = new Table("QUARANTINED", "REASON");
    for (JsonNode object : mesh.path("quarantined")) {
      table.row(
          text(object, "kind").toLowerCase(Locale.ROOT)
              + "/"
              + text(object, "namespace")
              + "/"
              + text(object, "name"),
          text(object, "reason"));
    }
    table.print(out);
  }

  static void acks(JsonNode page, PrintStream out) {
    if (page.path("truncated").asBoolean()) {
      out.println("(older lines are gone)");
    }
    Table table = new Table("ID", "REPLICA", "VERSION", "KIND", "AFTER", "REASON");
    for (JsonNode ack : page.path("acks")) {
      table.row(
          text(ack, "id"),
          text(ack, "replica"),
          text(ack, "version"),
          text(ack, "kind"),
          String.format(Locale.ROOT, "%.1f ms", ack.path("afterMillis").asDouble()),
          text(ack, "reason"));
    }
    table.print(out);
  }

  /** The model has no columns: its own words, indented. */
  static void config(JsonNode config, PrintStream out) {
    out.println(config.toPrettyString());
  }

  /** One line that says how the barrier stands, and one for each replica that matters. */
  static void barrier(JsonNode answer, PrintStream out) {
    if (answer.path("state").asText().equals("open")) {
      out.printf(
          "open: version %s is on %d replicas%n",
          text(answer, "version"), answer.path("applied").size());
    } else {
      out.println(answer.path("detail").asText(answer.path("title").asText()));
    }
    for (Map.Entry<String, String> list :
        Map.of("pending", "waits for", "excluded", "not waited for").entrySet()) {
      for (JsonNode replica : answer.path(list.getKey())) {
        out.printf(
            "%s %s (%s) at version %s: %s%n",
            list.getValue(),
            text(replica, "name"),
            text(replica, "pod"),
            text(replica, "version"),
            text(replica, "reason"));
      }
    }
  }

  private static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isNull() ? "" : value.asText();
  }
}
