package dev.lockstep.chaos.oracle;

/**
 * What one write made of a route.
 *
 * @param sequence counts the writes of the route; 0 is what was there before the first
 * @param shape what a client sees of it
 */
public record Content(int sequence, Shape shape) {
  /** What a client can see of a route. */
  public sealed interface Shape {}

  /**
   * The backend of this number answers.
   *
   * @param slot number of the backend
   */
  public record Present(int slot) implements Shape {
    @Override
    public String toString() {
      return "slot " + slot;
    }
  }

  /** There is no such route. */
  public record Absent() implements Shape {
    @Override
    public String toString() {
      return "absent";
    }
  }

  @Override
  public String toString() {
    return "#" + sequence + " (" + shape + ")";
  }
}
