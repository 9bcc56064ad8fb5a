package dev.lockstep.agent.kubernetes.parse;

import java.util.Optional;

/** What an object that may ask for routes turned out to be. */
public sealed interface Parsed {

  /** It asks for this. */
  record Wanted(Intent intent) implements Parsed {}

  /** It does not ask us for anything. */
  record Foreign(String reason) implements Parsed {}

  /**
   * It cannot be served as written.
   *
   * @param reason for people
   * @param fallback what must hold if the object was never good: nothing, or a denial
   */
  record Faulty(String reason, Optional<Intent> fallback) implements Parsed {}
}
