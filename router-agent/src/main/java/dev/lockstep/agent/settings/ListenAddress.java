package dev.lockstep.agent.settings;

import java.util.Optional;

/**
 * Where a port is opened.
 *
 * @param host an address of this machine, {@code 0.0.0.0} or {@code ::} for all of them
 * @param port 1 to 65535, or 0 for any free one
 * @param sharing whether other processes may open the same port
 */
public record ListenAddress(String host, int port, Sharing sharing) {

  /** Whether other processes may open the same port. */
  public enum Sharing {
    EXCLUSIVE,
    /** SO_REUSEPORT: the kernel spreads new connections over all processes that opened it. */
    REUSE_PORT
  }

  private static final String REUSE = "?reuseport";

  /** {@return the address, if the text is one: {@code host:port} or {@code [v6]:port}} */
  static Optional<ListenAddress> parse(String text) {
    boolean reuse = text.endsWith(REUSE);
    String address = reuse ? text.substring(0, text.length() - REUSE.length()) : text;
    int colon = address.lastIndexOf(':');
    if (colon < 0) {
      return Optional.empty();
    }
    Optional<String> host = host(address.substring(0, colon));
    Optional<Integer> port = port(address.substring(colon + 1));
    Sharing sharing = reuse ? Sharing.REUSE_PORT : Sharing.EXCLUSIVE;
    return host.flatMap(name -> port.map(number -> new ListenAddress(name, number, sharing)));
  }

  private static Optional<String> host(String text) {
    if (text.isEmpty()) {
      return Optional.of("0.0.0.0");
    }
    if (text.startsWith("[") && text.endsWith("]")) {
      return Optional.of(text.substring(1, text.length() - 1));
    }
    boolean ambiguous = text.chars().anyMatch(c -> c == ':' || c <= ' ' || c == '/');
    return ambiguous ? Optional.empty() : Optional.of(text);
  }

  private static Optional<Integer> port(String text) {
    if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    int port = Integer.parseInt(text);
    return port > 65535 ? Optional.empty() : Optional.of(port);
  }

  /** {@return whether this stands for all addresses of the machine} */
  boolean isWildcard() {
    return host.equals("0.0.0.0") || host.equals("::") || host.equals("*");
  }

  @Override
  public String toString() {
    String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return shown + ":" + port + (sharing == Sharing.REUSE_PORT ? REUSE : "");
  }
}
