package dev.lockstep.agent.proxy.http;

import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.routing.RouteMatch;
import dev.lockstep.core.routing.RouteTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/**
 * Random rules of a few hosts, in a compiled table and as a list in which every rule is looked at
 * for every request: the fast and the obvious way.
 */
final class PlainRoutes {
  private static final String[] HOSTS = {
    "a.test", "b.test", "*.a.test", "*.test", "*", "[0:0:0:0:0:0:0:1]", "1.2.3.4", "x.a.test"
  };
  private static final String[] SEGMENTS = {
    "a", "b", "c", "admin", "%C3%A4", "%c3%a4", "a;b", "", "...", "A", "%3b", "*", "index.html"
  };
  private static final Pattern ESCAPE = Pattern.compile("%[0-9a-fA-F]{2}");

  private final Map<String, List<PathMatch>> rules = new LinkedHashMap<>();
  private final RouteTable table;

  PlainRoutes(SplittableRandom random) {
    RouterConfig config = RouterConfig.EMPTY;
    for (String host : HOSTS) {
      if (random.nextBoolean()) {
        List<PathMatch> matches = matches(random);
        rules.put(host, matches);
        List<Route.Rule> all =
            matches.stream()
                .map(match -> new Route.Rule(match, new Route.Action.Respond(200, "")))
                .toList();
        ObjectKey origin = new ObjectKey("networking.k8s.io", "Ingress", "shop", "web");
        config = config.with(new Route(host, origin, all, RoutePolicy.OPEN));
      }
    }
    table = RouteTable.compile(Snapshot.of(new Version(1), config));
  }

  private static List<PathMatch> matches(SplittableRandom random) {
    List<PathMatch> matches = new ArrayList<>();
    for (int i = random.nextInt(12); i >= 0; i--) {
      StringBuilder path = new StringBuilder();
      for (int j = random.nextInt(4); j > 0; j--) {
        path.append('/').append(SEGMENTS[random.nextInt(SEGMENTS.length)]);
      }
      path.append(path.isEmpty() || random.nextInt(4) == 0 ? "/" : "");
      PathMatch.Type type = PathMatch.Type.values()[random.nextInt(2)];
      PathMatch match = new PathMatch(type, path.toString());
      if (!matches.contains(match)) {
        matches.add(match);
      }
    }
    return matches;
  }

  String compiled(String host, CharSequence path) {
    return switch (table.match(host, path)) {
      case RouteMatch.Missing missing -> missing.name();
      case RouteMatch.Found found -> found.match().toString();
    };
  }

  String obvious(String host, String path) {
    List<PathMatch> known = rules.get(host);
    int dot = host.indexOf('.');
    if (known == null && dot > 0) {
      known = rules.get("*" + host.substring(dot));
    }
    if (known == null) {
      known = rules.get("*");
    }
    if (known == null) {
      return "HOST";
    }
    String best = "PATH";
    int longest = -1;
    for (PathMatch match : known) {
      int weight = weight(match, path.equals("*") ? "/" : path);
      if (weight > longest) {
        longest = weight;
        best = match.toString();
      }
    }
    return best;
  }

  /** {@return how well the rule is for the path: its length, more if it is exact, or -1} */
  private static int weight(PathMatch match, String path) {
    String rule = ESCAPE.matcher(match.value()).replaceAll(m -> m.group().toUpperCase(Locale.ROOT));
    return switch (match.type()) {
      case EXACT -> path.equals(rule) ? Integer.MAX_VALUE : -1;
      case PREFIX -> {
        String folder = rule.endsWith("/") ? rule : rule + "/";
        yield (path + "/").startsWith(folder) ? rule.length() : -1;
      }
    };
  }
}
