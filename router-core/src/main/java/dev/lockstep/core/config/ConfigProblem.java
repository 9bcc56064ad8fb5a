package dev.lockstep.core.config;

/**
 * Why a part of a config cannot be served, for people.
 *
 * @param subject what it is about: an object, an entry key, a field
 * @param reason one sentence; never holds secret material
 */
public record ConfigProblem(String subject, String reason) {

  @Override
  public String toString() {
    return subject + ": " + reason;
  }
}
