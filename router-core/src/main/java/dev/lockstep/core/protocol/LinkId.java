package dev.lockstep.core.protocol;

/**
 * One connection between two replicas, as this replica numbers them. Never used again after it was
 * lost, so a late event of an old connection cannot be taken for one of its successor.
 *
 * @param number counts up
 */
public record LinkId(long number) {

  @Override
  public String toString() {
    return "link" + number;
  }
}
