package dev.lockstep.core.house;

/**
 * One place that breaks a rule.
 *
 * @param where file and line
 * @param what is wrong, with the figure that was found and the one that was expected
 */
record Finding(String where, String what) {

  @Override
  public String toString() {
    return where + ": " + what;
  }
}
