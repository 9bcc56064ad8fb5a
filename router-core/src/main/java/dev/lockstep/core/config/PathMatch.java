package dev.lockstep.core.config;

/**
 * Which request paths a rule is for, by the table in the Kubernetes Ingress documentation.
 *
 * @param type how to compare
 * @param value starts with {@code /}; for {@link Type#PREFIX} without trailing slashes, except the
 *     root
 */
public record PathMatch(Type type, String value) {

  /** How a path is compared. */
  public enum Type {
    /** The whole path, character by character. */
    EXACT,
    /** Whole path segments from the start: {@code /a} covers {@code /a/b} and not {@code /ab}. */
    PREFIX
  }

  public PathMatch {
    if (!value.startsWith("/")) {
      throw new IllegalArgumentException("path: " + value + " (expected: starts with '/')");
    }
    // All of them: what is left must be what the same text gives once it has come over the wire.
    while (type == Type.PREFIX && value.length() > 1 && value.endsWith("/")) {
      value = value.substring(0, value.length() - 1);
    }
  }

  /** {@return whether the path, without its query, is covered} */
  public boolean covers(String path) {
    if (type == Type.EXACT) {
      return path.equals(value);
    }
    return value.length() == 1
        || (path.startsWith(value)
            && (path.length() == value.length() || path.charAt(value.length()) == '/'));
  }
}
