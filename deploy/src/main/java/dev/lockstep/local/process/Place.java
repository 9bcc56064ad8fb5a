package dev.lockstep.local.process;

import java.nio.file.Path;

/**
 * Where a run happens: a folder of its own, and what it has started. Closed by whoever comes first,
 * the end of the program or Ctrl-C. Thread-safe.
 */
public final class Place implements AutoCloseable {
  private final Progress progress;
  private final ScratchFolder folder;
  private final Parts parts;

  private Place(Progress progress, String prefix) {
    this.progress = progress;
    this.folder = ScratchFolder.create(prefix);
    this.parts = new Parts(progress);
  }

  /** {@return a place whose folder's name begins so, closed at the latest when the program ends} */
  public static Place open(Progress progress, String prefix) {
    Place place = new Place(progress, prefix);
    // Ctrl-C, SIGTERM and the normal end take the same way out.
    Runtime.getRuntime().addShutdownHook(new Thread(place::close, "stop"));
    return place;
  }

  /** {@return what is told about the run} */
  public Progress progress() {
    return progress;
  }

  /** {@return its folder} */
  public Path folder() {
    return folder.path();
  }

  /** {@return the same part, which is closed at the end, before those that were kept earlier} */
  public <T extends AutoCloseable> T keep(T part) {
    return parts.keep(part);
  }

  /** {@return whether the end has been: what fails from then on fails for that reason} */
  public boolean closed() {
    return parts.closed();
  }

  /** Leaves the folder where it is, and says where. */
  public Path keepFolder() {
    return folder.keep();
  }

  @Override
  public void close() {
    parts.close();
    folder.close();
  }
}
