package dev.lockstep.core.config;

import java.util.List;

/**
 * What one object says about one host. Several objects of one namespace may have routes for the
 * same host; translation has already settled who wins where they overlap.
 *
 * @param host lower case, no port; {@code *.example.com} covers exactly one more label; {@code *}
 *     is every host that no other route knows
 * @param origin the object; its namespace owns the host
 * @param rules no two with the same match
 * @param policy for all rules of this route
 */
public record Route(String host, ObjectKey origin, List<Rule> rules, RoutePolicy policy)
    implements Entry {

  /**
   * One line of a route.
   *
   * @param match which paths
   * @param action what to do
   */
  public record Rule(PathMatch match, Action action) {}

  public Route {
    rules = List.copyOf(rules);
  }

  /** {@return the prefix of the keys of all routes of a host} */
  public static String keyPrefix(String host) {
    return "route/" + host + "/";
  }

  @Override
  public String key() {
    return keyPrefix(host) + origin.path();
  }

  @Override
  public byte[] sha256() {
    CanonicalText text = new CanonicalText().field("route").field(host).field(origin.path());
    policy.writeTo(text);
    text.field(rules.size());
    for (Rule rule : rules) {
      text.field(rule.match().type().name()).field(rule.match().value());
      write(rule.action(), text);
    }
    return text.sha256();
  }

  private static void write(Action action, CanonicalText text) {
    switch (action) {
      case Action.Forward forward -> {
        text.field("forward").field(forward.shares().size());
        for (Action.Share share : forward.shares()) {
          text.field(share.backend().toString()).field(share.weight());
        }
      }
      case Action.Respond respond ->
          text.field("respond").field(respond.status()).field(respond.body());
    }
  }

  /** What happens to a request that a rule matched. */
  public sealed interface Action {

    /**
     * One share of the traffic of a rule.
     *
     * @param backend where to
     * @param weight relative to its siblings, 0 to 1,000,000
     */
    record Share(Backend.Id backend, int weight) {}

    /**
     * Forward to a backend.
     *
     * @param shares not empty
     */
    record Forward(List<Share> shares) implements Action {
      public Forward {
        shares = List.copyOf(shares);
      }

      /** {@return an action that sends everything to one backend} */
      public static Forward to(Backend.Id backend) {
        return new Forward(List.of(new Share(backend, 1)));
      }
    }

    /**
     * Answer at once, without a backend.
     *
     * @param status 200 to 599
     * @param body plain text
     */
    record Respond(int status, String body) implements Action {}
  }
}
