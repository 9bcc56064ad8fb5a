package dev.lockstep.agent.wire;

/**
 * A message as it goes over a link. A type of its own, so that no log line shows the private keys
 * in it.
 *
 * @param text one JSON object in ASCII
 */
public record Encoded(String text) {

  /** {@return its length in bytes} */
  public int size() {
    return text.length();
  }

  @Override
  public String toString() {
    return "Encoded[" + text.length() + " characters]";
  }
}
