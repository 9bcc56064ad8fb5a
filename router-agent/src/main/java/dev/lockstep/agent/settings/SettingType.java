package dev.lockstep.agent.settings;

import dev.lockstep.agent.wire.DurationText;
import dev.lockstep.core.config.Cidr;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the text of a setting is read and checked.
 *
 * @param expected what a good value looks like, for help and for complaints
 * @param parse text to value; absent when the text is not a good value
 * @param <T> what it is read to
 */
record SettingType<T>(String expected, Function<String, Optional<T>> parse) {

  private static final int LONGEST_TEXT = 1024;
  private static final int MOST_BLOCKS = 64;

  /** Any text on one line, not empty. */
  static final SettingType<String> TEXT =
      new SettingType<>("text", text -> isLine(text) ? Optional.of(text) : Optional.empty());

  /** A name as Kubernetes gives them to objects (RFC 1123 subdomain). */
  static final SettingType<String> NAME =
      new SettingType<>(
          "a Kubernetes name", text -> isName(text) ? Optional.of(text) : Optional.empty());

  static final SettingType<Path> PATH = new SettingType<>("a path", SettingType::path);

  static final SettingType<Boolean> SWITCH = choice("on or off", "on", "off", "true", "false");

  static final SettingType<ListenAddress> LISTEN =
      new SettingType<>("host:port", ListenAddress::parse);

  /** Several addresses; an empty text opens no port. */
  static final SettingType<List<ListenAddress>> LISTEN_LIST =
      new SettingType<>("host:port[?reuseport], …", SettingType::listenList);

  /** Several blocks of addresses, at most 64. */
  static final SettingType<List<Cidr>> CIDR_LIST =
      new SettingType<>("address[/prefix], …, at most 64", SettingType::cidrList);

  /** {@return a whole number within these bounds} */
  static SettingType<Integer> number(int least, int most) {
    return new SettingType<>(
        least + " to " + most,
        text ->
            digits(text).filter(value -> value >= least && value <= most).map(Math::toIntExact));
  }

  /** {@return a duration within these bounds} */
  static SettingType<Duration> duration(Duration least, Duration most) {
    return new SettingType<>(
        "a duration, " + DurationText.format(least) + " to " + DurationText.format(most),
        text ->
            DurationText.parse(text)
                .filter(value -> value.compareTo(least) >= 0 && value.compareTo(most) <= 0));
  }

  /** {@return one constant of an enum, in lower case with hyphens} */
  static <E extends Enum<E>> SettingType<E> oneOf(Class<E> kind) {
    List<E> constants = List.of(kind.getEnumConstants());
    return new SettingType<>(
        constants.stream().map(SettingType::shown).collect(Collectors.joining(" or ")),
        text -> constants.stream().filter(c -> shown(c).equals(text)).findFirst());
  }

  /** {@return a base URL of exactly this scheme: host and port, nothing else} */
  static SettingType<String> url(String scheme) {
    return new SettingType<>(scheme + "://host:port", text -> baseUrl(scheme, text));
  }

  /** {@return this type, or nothing for an empty text} */
  SettingType<Optional<T>> orNothing() {
    return new SettingType<>(
        expected,
        text ->
            text.isEmpty() ? Optional.of(Optional.empty()) : parse.apply(text).map(Optional::of));
  }

  private static SettingType<Boolean> choice(String expected, String... words) {
    // Words at even places are true, their right neighbours false.
    List<String> list = List.of(words);
    return new SettingType<>(
        expected, text -> Optional.of(list.indexOf(text)).filter(i -> i >= 0).map(i -> i % 2 == 0));
  }

  private static String shown(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Optional<Long> digits(String text) {
    boolean number =
        !text.isEmpty() && text.length() < 11 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return number ? Optional.of(Long.parseLong(text)) : Optional.empty();
  }

  private static boolean isLine(String text) {
    return !text.isBlank()
        && text.length() <= LONGEST_TEXT
        && text.chars().noneMatch(Character::isISOControl);
  }

  private static boolean isName(String text) {
    boolean letters =
        text.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || isInner(c));
    return letters
        && !text.isEmpty()
        && text.length() <= 253
        && !isInner(text.charAt(0))
        && !isInner(text.charAt(text.length() - 1));
  }

  private static boolean isInner(int c) {
    return c == '-' || c == '.';
  }

  private static Optional<Path> path(String text) {
    try {
      return isLine(text) ? Optional.of(Path.of(text)) : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static Optional<List<ListenAddress>> listenList(String text) {
    List<ListenAddress> addresses = new ArrayList<>();
    for (String part : Stream.of(text.split(",", -1)).map(String::strip).toList()) {
      Optional<ListenAddress> address = ListenAddress.parse(part);
      if (address.isEmpty() && !text.isBlank()) {
        return Optional.empty();
      }
      address.ifPresent(addresses::add);
    }
    return Optional.of(List.copyOf(addresses));
  }

  private static Optional<List<Cidr>> cidrList(String text) {
    List<Cidr> blocks = new ArrayList<>();
    for (String part : text.isBlank() ? List.<String>of() : List.of(text.split(",", -1))) {
      Optional<Cidr> block = Cidr.parse(part);
      if (block.isEmpty() || blocks.size() == MOST_BLOCKS) {
        return Optional.empty();
      }
      blocks.add(block.get());
    }
    return Optional.of(List.copyOf(blocks));
  }

  private static Optional<String> baseUrl(String scheme, String text) {
    try {
      URI uri = URI.create(text);
      boolean base =
          scheme.equals(uri.getScheme())
              && uri.getHost() != null
              && uri.getPort() > 0
              && uri.getUserInfo() == null
              && text.equals(scheme + "://" + uri.getHost() + ":" + uri.getPort());
      return base ? Optional.of(text) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
