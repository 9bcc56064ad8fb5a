package dev.lockstep.agent.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * The grammar of what may follow the size of a chunk (RFC 9112 7.1.1). Nobody here knows an
 * extension, yet what looks like one is not enough: a quote that is not closed on its line is where
 * others read on, and take a chunk for a part of the extension.
 */
final class ChunkExtensions {
  private final ByteBuf in;
  private final int end;
  private int at;

  private ChunkExtensions(ByteBuf in, int start, int end) {
    this.in = in;
    this.at = start;
    this.end = end;
  }

  /** {@return whether there is nothing between the places, or exactly extensions} */
  static boolean areCorrect(ByteBuf in, int start, int end) {
    return start == end || new ChunkExtensions(in, start, end).all();
  }

  private boolean all() {
    boolean correct = true;
    while (correct && at < end) {
      blanks();
      correct = skip(';') && one();
    }
    return correct;
  }

  private boolean one() {
    blanks();
    if (!token()) {
      return false;
    }
    int afterName = at;
    blanks();
    if (!skip('=')) {
      at = afterName;
      return true;
    }
    blanks();
    return at < end && in.getByte(at) == '"' ? quoted() : token();
  }

  private boolean quoted() {
    for (at++; at < end && in.getByte(at) != '"'; at++) {
      if (in.getByte(at) == '\\') {
        at++;
      }
      if (at >= end || !Ascii.isField(in.getByte(at))) {
        return false;
      }
    }
    return skip('"');
  }

  private boolean token() {
    int start = at;
    while (at < end && Ascii.isToken(in.getByte(at))) {
      at++;
    }
    return at > start;
  }

  private void blanks() {
    while (at < end && Ascii.isBlank(in.getByte(at))) {
      at++;
    }
  }

  private boolean skip(char expected) {
    boolean there = at < end && in.getByte(at) == expected;
    at += there ? 1 : 0;
    return there;
  }
}
