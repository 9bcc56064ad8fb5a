package dev.lockstep.core.config;

/**
 * The whole config at a version.
 *
 * @param version the position
 * @param digest of the config; whoever makes a snapshot has computed it
 * @param config the content
 */
public record Snapshot(Version version, Digest digest, RouterConfig config) {

  /** Nothing committed yet. */
  public static final Snapshot NONE =
      new Snapshot(Version.NONE, RouterConfig.EMPTY.digest(), RouterConfig.EMPTY);

  /** {@return a snapshot of this config} */
  public static Snapshot of(Version version, RouterConfig config) {
    return new Snapshot(version, config.digest(), config);
  }

  /** {@return the change from this snapshot to the target} */
  public Delta deltaTo(Snapshot target) {
    return new Delta(version, target.version, target.digest, config.changesTo(target.config));
  }

  @Override
  public String toString() {
    return "Snapshot[" + version + " " + digest.abbreviated() + "]";
  }
}
