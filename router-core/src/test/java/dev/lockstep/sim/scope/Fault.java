package dev.lockstep.sim.scope;

/**
 * One thing that can go wrong at any moment, to somebody in particular, for a certain time.
 *
 * @param name as a trace shows it
 * @param act lets it happen
 */
record Fault(String name, Act act) {

  /** How it happens. */
  @FunctionalInterface
  interface Act {
    /** Lets it happen now; {@return whether it could, and made a difference} */
    boolean on(Stage stage);
  }

  @Override
  public String toString() {
    return name;
  }
}
