package dev.lockstep.sim.scope;

/** Decides what a run leaves open, one question after the other. */
interface Choices {

  /** {@return the answer to the next question: a number from 0 to below the bound} */
  int choose(int bound);
}
