package dev.lockstep.local.cluster;

/** There is no way to get the programs of the API server here; the message names all the ways. */
public final class BinariesMissing extends RuntimeException {
  private static final long serialVersionUID = 1;

  BinariesMissing(String message) {
    super(message);
  }
}
