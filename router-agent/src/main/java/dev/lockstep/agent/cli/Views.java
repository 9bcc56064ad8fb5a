package dev.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.Locale;

/** Puts the API's answers into lines for people. */
final class Views {
  private static final String ACK_LINE = "%-10s %-10s %9s  %-9s %12s  %s";

  private Views() {}

  static void status(JsonNode mesh, Terminal terminal) {
    PrintStream out = terminal.out();
    int inSync = 0;
    for (JsonNode replica : mesh.path("replicas")) {
      String state = text(replica, "state");
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
    replicas(mesh, terminal);
    quarantined(mesh, terminal);
  }

  static void replicas(JsonNode mesh, Terminal terminal) {
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
    table.print(terminal, "STATE");
  }

  private static void quarantined(JsonNode mesh, Terminal terminal) {
    if (mesh.path("quarantined").isEmpty()) {
      return;
    }
    terminal.out().println();
    Table table = new Table("QUARANTINED", "REASON");
    for (JsonNode object : mesh.path("quarantined")) {
      String kind = text(object, "kind").toLowerCase(Locale.ROOT);
      table.row(
          kind + "/" + text(object, "namespace") + "/" + text(object, "name"),
          text(object, "reason"));
    }
    table.print(terminal, "");
  }

  static void acks(JsonNode page, Terminal terminal) {
    if (page.path("truncated").asBoolean()) {
      terminal.err().println("lockstep: older lines are gone");
    }
    ackHeading(terminal);
    page.path("acks").forEach(ack -> ack(ack, terminal));
  }

  static void ackHeading(Terminal terminal) {
    Object[] headings = {"ID", "REPLICA", "VERSION", "KIND", "AFTER", "REASON"};
    terminal.out().println(ACK_LINE.formatted(headings));
  }

  /** Columns of fixed width: a log that is followed cannot know its widest cell. */
  static void ack(JsonNode ack, Terminal terminal) {
    String after = String.format(Locale.ROOT, "%.1f ms", ack.path("afterMillis").asDouble());
    String line =
        ACK_LINE.formatted(
            text(ack, "id"),
            text(ack, "replica"),
            text(ack, "version"),
            text(ack, "kind"),
            after,
            text(ack, "reason"));
    terminal.out().println(line.stripTrailing());
  }

  /** The model has no columns: its own words, indented. */
  static void config(JsonNode config, Terminal terminal) {
    terminal.out().println(config.toPrettyString());
  }

  /** One line that says how the barrier stands, and one for each replica that matters. */
  static void barrier(JsonNode answer, Terminal terminal) {
    PrintStream out = terminal.out();
    if (text(answer, "state").equals("open")) {
      out.printf(
          "open: version %s is on %d replicas%n",
          text(answer, "version"), answer.path("applied").size());
    } else {
      out.println(answer.path("detail").asText(text(answer, "title")));
    }
    answer.path("pending").forEach(replica -> replica("waits for", replica, out));
    answer.path("excluded").forEach(replica -> replica("not waited for", replica, out));
  }

  private static void replica(String how, JsonNode replica, PrintStream out) {
    out.printf(
        "%s %s (%s) at version %s: %s%n",
        how,
        text(replica, "name"),
        text(replica, "pod"),
        text(replica, "version"),
        text(replica, "reason"));
  }

  private static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isNull() ? "" : value.asText();
  }
}
