package dev.lockstep.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is left of a run. */
final class PlaceTest {
  @Test
  void partsAreClosedAndTheFolderIsGone() throws IOException {
    Place place = open();
    Files.writeString(Files.createDirectory(place.folder().resolve("a")).resolve("b"), "c");
    List<String> closed = new ArrayList<>();
    place.keep(() -> closed.add("first"));
    place.keep(() -> closed.add("second"));
    place.close();
    assertThat(closed).containsExactly("second", "first");
    assertThat(place.folder()).doesNotExist();
    assertThat(place.closed()).isTrue();
  }

  @Test
  void folderStaysWhenSomebodyWantsToReadIt() {
    Place place = open();
    Path folder = place.keepFolder();
    place.close();
    assertThat(folder).exists();
    ScratchFolder.delete(folder);
    assertThat(folder).doesNotExist();
  }

  private static Place open() {
    return Place.open(
        new Progress(new PrintStream(OutputStream.nullOutputStream())), "lockstep-place-test-");
  }
}
