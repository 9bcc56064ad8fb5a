package dev.lockstep.agent.mesh;

import java.util.Optional;

/**
 * A token that has at least the form of one (RFC 7519: three parts of base64url). Garbage is turned
 * away here, so that a flood of it costs the API server nothing. Never shows itself in text.
 *
 * @param text the token
 */
record BearerToken(String text) {
  private static final String SCHEME = "Bearer ";
  private static final int MAX_LENGTH = 8192;

  /** {@return the token in an Authorization header; empty when there is none of the right form} */
  static Optional<BearerToken> of(Optional<String> header) {
    return header
        .filter(value -> value.startsWith(SCHEME) && value.length() <= MAX_LENGTH)
        .map(value -> value.substring(SCHEME.length()))
        .filter(BearerToken::hasTheForm)
        .map(BearerToken::new);
  }

  /** {@return the value of the header} */
  String header() {
    return SCHEME + text;
  }

  private static boolean hasTheForm(String token) {
    int dots = 0;
    int sinceDot = 0;
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c == '.') {
        if (sinceDot == 0) {
          return false;
        }
        dots++;
        sinceDot = 0;
      } else if (isBase64Url(c)) {
        sinceDot++;
      } else {
        return false;
      }
    }
    return dots == 2 && sinceDot > 0;
  }

  private static boolean isBase64Url(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }

  @Override
  public String toString() {
    return "BearerToken[redacted]";
  }
}
