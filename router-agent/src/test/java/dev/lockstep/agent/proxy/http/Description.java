package dev.lockstep.agent.proxy.http;

/** The one text in which parser and model tell what they read, so that they can be compared. */
final class Description {

  private Description() {}

  static String of(int length, String authority, String path) {
    return "length=" + length + " authority=" + authority + " path=" + path;
  }

  /** {@return whether the connection stays, becomes another, and something comes in between} */
  static String flags(boolean stays, boolean upgrades, boolean interim) {
    return " stays=" + stays + " upgrades=" + upgrades + " interim=" + interim;
  }

  static String body(String end, String data, String rest) {
    return "body " + end + " [" + data + "] " + rest;
  }
}
