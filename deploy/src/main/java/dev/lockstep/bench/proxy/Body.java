package dev.lockstep.bench.proxy;

/** A body that the backend serves, always the same. */
enum Body {
  SMALL(128, "128 B"),
  MEDIUM(16 * 1024, "16 KiB"),
  LARGE(1024 * 1024, "1 MiB");

  private final int bytes;
  private final String text;

  Body(int bytes, String text) {
    this.bytes = bytes;
    this.text = text;
  }

  /** {@return its size for people} */
  String text() {
    return text;
  }

  /** {@return the name of its file} */
  String file() {
    return Integer.toString(bytes);
  }

  /** {@return the path to ask for} */
  String path() {
    return "/" + file();
  }

  /** {@return what must come back: ASCII, and no part of it like its neighbour} */
  String content() {
    StringBuilder content = new StringBuilder(bytes + 16);
    for (int line = 0; content.length() < bytes; line++) {
      content.append("line %010d\n".formatted(line));
    }
    content.setLength(bytes);
    return content.toString();
  }
}
