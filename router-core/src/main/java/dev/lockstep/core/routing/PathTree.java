package dev.lockstep.core.routing;

import dev.lockstep.core.config.PathMatch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rule for a path: the exact one if there is one, else the longest prefix by whole
 * segments.
 *
 * <p>How it works: a tree with one level per path segment, where a trailing slash is one more,
 * empty segment. One walk from the root sees every rule that can match, so the cost is linear in
 * the path times the logarithm of the siblings, whatever the path looks like. No recursion: a
 * rule's path may be long.
 *
 * <p>Immutable once built.
 */
final class PathTree {

  private static final class Node {
    private final List<String> names = new ArrayList<>(2);
    private final List<Node> children = new ArrayList<>(2);
    private RouteMatch.@Nullable Found exact;
    private RouteMatch.@Nullable Found prefix;

    private int indexOf(CharSequence path, int from, int to) {
      int low = 0;
      int high = names.size() - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int order = compare(names.get(middle), path, from, to);
        if (order == 0) {
          return middle;
        }
        if (order < 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return -(low + 1);
    }

    private static int compare(String name, CharSequence path, int from, int to) {
      int length = Math.min(name.length(), to - from);
      for (int i = 0; i < length; i++) {
        int order = name.charAt(i) - path.charAt(from + i);
        if (order != 0) {
          return order;
        }
      }
      return name.length() - (to - from);
    }

    private Node childOrNew(String path, int from, int to) {
      int index = indexOf(path, from, to);
      if (index >= 0) {
        return children.get(index);
      }
      Node added = new Node();
      names.add(-index - 1, path.substring(from, to));
      children.add(-index - 1, added);
      return added;
    }
  }

  private final Node root = new Node();

  /** Adds a rule; the first rule for a match keeps it. Only while the tree is being built. */
  void add(RouteMatch.Found rule) {
    PathMatch match = rule.match();
    String path = withEscapesInCapitals(match.value());
    Node node = root;
    boolean isRoot = match.type() == PathMatch.Type.PREFIX && path.length() == 1;
    for (int from = 1; !isRoot && from <= path.length(); ) {
      int to = segmentEnd(path, from);
      node = node.childOrNew(path, from, to);
      from = to + 1;
    }
    switch (match.type()) {
      case EXACT -> node.exact = node.exact == null ? rule : node.exact;
      case PREFIX -> node.prefix = node.prefix == null ? rule : node.prefix;
    }
  }

  /** {@code %c3} and {@code %C3} are the same (RFC 3986 6.2.2.1); requests come in capitals. */
  private static String withEscapesInCapitals(String path) {
    StringBuilder form = new StringBuilder(path);
    for (int i = 0; i + 2 < form.length(); i++) {
      if (form.charAt(i) == '%') {
        form.setCharAt(i + 1, capital(form.charAt(i + 1)));
        form.setCharAt(i + 2, capital(form.charAt(i + 2)));
      }
    }
    return form.toString();
  }

  private static char capital(char digit) {
    return digit >= 'a' && digit <= 'f' ? (char) (digit - 'a' + 'A') : digit;
  }

  /** {@return the best rule for the path, which has no query} */
  RouteMatch find(CharSequence path) {
    Node node = root;
    RouteMatch.Found best = root.prefix;
    boolean whole = false;
    for (int from = 1; from <= path.length(); ) {
      int to = segmentEnd(path, from);
      int index = node.indexOf(path, from, to);
      if (index < 0) {
        whole = false;
        break;
      }
      node = node.children.get(index);
      best = node.prefix == null ? best : node.prefix;
      from = to + 1;
      whole = true;
    }
    if (whole && node.exact != null) {
      return node.exact;
    }
    return best == null ? RouteMatch.Missing.PATH : best;
  }

  private static int segmentEnd(CharSequence path, int from) {
    int to = from;
    while (to < path.length() && path.charAt(to) != '/') {
      to++;
    }
    return to;
  }
}
