package dev.lockstep.chaos.oracle;

/**
 * What was promised: nothing older may be served from now on.
 *
 * @param sequence the oldest content that may still be served
 * @param reason who promised it
 */
public record Floor(int sequence, String reason) {
  static final Floor NONE = new Floor(0, "nothing was promised");
}
