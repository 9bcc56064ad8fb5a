package dev.lockstep.core.protocol;

import java.util.List;

/**
 * What one step gives: the next state and what to do, in order.
 *
 * @param state the next state; the old one stays valid
 * @param effects to execute in order
 * @param <S> kind of machine
 */
public record Transition<S>(S state, List<Effect> effects) {

  public Transition {
    effects = List.copyOf(effects);
  }
}
