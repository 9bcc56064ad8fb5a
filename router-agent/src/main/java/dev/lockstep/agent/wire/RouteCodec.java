package dev.lockstep.agent.wire;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.core.config.Cidr;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.Route.Action;
import dev.lockstep.core.config.RoutePolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Routes as JSON. Durations are whole milliseconds, as in the digest. */
final class RouteCodec {
  private RouteCodec() {}

  static ObjectNode toJson(Route route) {
    ObjectNode json = Json.object().put("kind", "route").put("host", route.host());
    json.set("origin", EntryCodec.objectKeyJson(route.origin()));
    ArrayNode rules = json.putArray("rules");
    for (Route.Rule rule : route.rules()) {
      ObjectNode ruleJson = rules.addObject();
      ruleJson
          .putObject("match")
          .put("type", typeName(rule.match().type()))
          .put("value", rule.match().value());
      ruleJson.set("action", actionJson(rule.action()));
    }
    json.set("policy", policyJson(route.policy()));
    return json;
  }

  static Route fromJson(Fields fields) {
    return new Route(
        fields.name("host"),
        EntryCodec.objectKey(fields.object("origin")),
        fields.objects("rules", WireLimits.PARTS, RouteCodec::rule),
        policy(fields.object("policy")));
  }

  private static Route.Rule rule(Fields fields) {
    Fields match = fields.object("match");
    return new Route.Rule(
        new PathMatch(
            match.parsed("type", RouteCodec::type), match.text("value", WireLimits.CONTENT)),
        action(fields.object("action")));
  }

  private static ObjectNode actionJson(Action action) {
    ObjectNode json = Json.object();
    switch (action) {
      case Action.Forward forward -> {
        ArrayNode shares = json.putArray("forward");
        for (Action.Share share : forward.shares()) {
          ObjectNode shareJson = shares.addObject();
          shareJson.set("backend", BackendCodec.idJson(share.backend()));
          shareJson.put("weight", share.weight());
        }
      }
      case Action.Respond respond ->
          json.putObject("respond").put("status", respond.status()).put("body", respond.body());
    }
    return json;
  }

  private static Action action(Fields fields) {
    if (fields.has("forward")) {
      return new Action.Forward(fields.objects("forward", WireLimits.PARTS, RouteCodec::share));
    }
    Fields respond = fields.object("respond");
    return new Action.Respond(
        respond.integer("status", 599), respond.text("body", WireLimits.CONTENT));
  }

  private static Action.Share share(Fields fields) {
    return new Action.Share(
        BackendCodec.id(fields.object("backend")), fields.integer("weight", 1_000_000));
  }

  private static ObjectNode policyJson(RoutePolicy policy) {
    ObjectNode json = Json.object();
    // Absent means everyone, an empty list nobody: so the field is left out, never written empty.
    policy
        .allowedSources()
        .ifPresent(
            blocks -> {
              ArrayNode array = json.putArray("allowedSources");
              blocks.forEach(block -> array.add(block.text()));
            });
    return json.put("connectTimeoutMillis", policy.connectTimeout().toMillis())
        .put("idleTimeoutMillis", policy.idleTimeout().toMillis())
        .put("scheme", schemeName(policy.scheme()));
  }

  private static RoutePolicy policy(Fields fields) {
    Optional<List<Cidr>> allowed =
        fields.has("allowedSources")
            ? Optional.of(fields.texts("allowedSources", WireLimits.PARTS, RouteCodec::block))
            : Optional.empty();
    return new RoutePolicy(
        allowed,
        Duration.ofMillis(fields.number("connectTimeoutMillis")),
        Duration.ofMillis(fields.number("idleTimeoutMillis")),
        fields.parsed("scheme", RouteCodec::scheme));
  }

  /** Reads only the canonical form: a block that reads as another one must not pass silently. */
  private static Optional<Cidr> block(String text) {
    return Cidr.parse(text).filter(block -> block.text().equals(text));
  }

  private static String typeName(PathMatch.Type type) {
    return switch (type) {
      case EXACT -> "exact";
      case PREFIX -> "prefix";
    };
  }

  private static Optional<PathMatch.Type> type(String name) {
    return switch (name) {
      case "exact" -> Optional.of(PathMatch.Type.EXACT);
      case "prefix" -> Optional.of(PathMatch.Type.PREFIX);
      default -> Optional.empty();
    };
  }

  private static String schemeName(RoutePolicy.Scheme scheme) {
    return switch (scheme) {
      case HTTP_AND_HTTPS -> "http-and-https";
      case HTTPS_ONLY -> "https-only";
    };
  }

  private static Optional<RoutePolicy.Scheme> scheme(String name) {
    return switch (name) {
      case "http-and-https" -> Optional.of(RoutePolicy.Scheme.HTTP_AND_HTTPS);
      case "https-only" -> Optional.of(RoutePolicy.Scheme.HTTPS_ONLY);
      default -> Optional.empty();
    };
  }
}
