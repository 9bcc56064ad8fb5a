package dev.lockstep.agent.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.wire.RandomConfigs;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotStoreTest {
  private static final StoreOutcome DURABLE = new StoreOutcome.Durable();

  @TempDir private Path temp;
  private Path folder;
  private Path keyFile;
  private SnapshotStore store;

  @BeforeEach
  void start() {
    folder = temp.resolve("state");
    keyFile = temp.resolve("state.key");
    store = new SnapshotStore(folder, keyFile);
  }

  @AfterEach
  void stop() {
    store.close();
  }

  private void restart() {
    store.close();
    store = new SnapshotStore(folder, keyFile);
  }

  private void installUpTo(long version) {
    Snapshot last = store.load().orElse(Snapshot.NONE);
    while (last.version().value() < version) {
      Snapshot next = StoreVictim.after(last, last.version().value() + 1);
      assertThat(store.install(next, Optional.of(last))).isEqualTo(DURABLE);
      last = next;
    }
  }

  private List<Path> snapshotFiles() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> path.toString().endsWith(".lkg")).sorted().toList();
    }
  }

  @Test
  void anEmptyFolderHoldsNothing() {
    assertThat(store.load()).isEmpty();
  }

  @Test
  void whatWasInstalledIsLoadedAfterARestart() {
    for (long seed = 0; seed < 20; seed++) {
      RandomConfigs random = new RandomConfigs(seed);
      Snapshot base = Snapshot.of(new Version(10 * seed + 1), random.config(30));
      Snapshot next = Snapshot.of(new Version(10 * seed + 5), random.changed(base.config()));
      assertThat(store.install(base, Optional.empty())).isEqualTo(DURABLE);
      assertThat(store.install(next, Optional.of(base))).isEqualTo(DURABLE);

      restart();

      assertThat(store.load()).as("seed %d", seed).contains(next);
    }
  }

  @Test
  void anInstallCostsAsMuchAsTheChange() throws IOException {
    RandomConfigs random = new RandomConfigs(3);
    Snapshot base = Snapshot.of(new Version(1), random.config(2_000));
    store.install(base, Optional.empty());
    long before = Files.size(snapshotFiles().getFirst());

    Snapshot next = Snapshot.of(new Version(2), base.config().with(random.entry()));
    store.install(next, Optional.of(base));

    assertThat(snapshotFiles()).hasSize(1);
    assertThat(Files.size(snapshotFiles().getFirst()) - before).isLessThan(10_000);
  }

  @Test
  void theSameVersionAgainCostsNothing() throws IOException {
    installUpTo(1);
    long before = Files.size(snapshotFiles().getFirst());
    restart();
    Snapshot loaded = store.load().orElseThrow();

    assertThat(store.install(loaded, Optional.empty())).isEqualTo(DURABLE);

    assertThat(Files.size(snapshotFiles().getFirst())).isEqualTo(before);
  }

  @Test
  void aBaseThatIsNotOnDiskMeansTheWhole() {
    installUpTo(3);
    Snapshot elsewhere = StoreVictim.at(7);
    Snapshot next = StoreVictim.after(elsewhere, 8);

    assertThat(store.install(next, Optional.of(elsewhere))).isEqualTo(DURABLE);

    restart();
    assertThat(store.load()).contains(next);
  }

  @Test
  void anOlderVersionCanComeAfterANewerOne() {
    installUpTo(5);
    Snapshot older = StoreVictim.at(2);

    assertThat(store.install(older, Optional.of(StoreVictim.at(5)))).isEqualTo(DURABLE);

    restart();
    assertThat(store.load()).contains(older);
  }

  @Test
  void twoFilesAreKept() throws IOException {
    for (int i = 1; i <= 6; i++) {
      store.install(StoreVictim.at(i), Optional.empty());
    }

    assertThat(snapshotFiles()).hasSize(2);
    Files.delete(snapshotFiles().getLast());
    restart();
    assertThat(store.load()).contains(StoreVictim.at(5));
  }

  @Test
  void tidyStartsANewFileWhenTheDeltasHaveOutgrownTheirBase() throws IOException {
    installUpTo(1_500);
    assertThat(snapshotFiles()).hasSize(1);
    long grown = Files.size(snapshotFiles().getFirst());

    store.tidy();
    store.tidy();

    assertThat(snapshotFiles()).hasSize(2);
    assertThat(Files.size(snapshotFiles().getLast())).isLessThan(grown / 10);
    installUpTo(1_501);
    restart();
    assertThat(store.load()).contains(StoreVictim.at(1_501));
  }

  @Test
  void aFileThatIsCutAnywhereYieldsWhatCameBeforeTheCut() throws IOException {
    installUpTo(4);
    store.close();
    Path file = snapshotFiles().getFirst();
    byte[] whole = Files.readAllBytes(file);
    StateKey key = StateKey.in(keyFile);
    long newest = 0;
    for (int length = 0; length <= whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));

      Optional<Snapshot> loaded = Generation.read(file, key);

      long version = loaded.map(snapshot -> snapshot.version().value()).orElse(0L);
      assertThat(version).as("first %d bytes", length).isBetween(newest, newest + 1);
      loaded.ifPresent(
          snapshot -> assertThat(snapshot).isEqualTo(StoreVictim.at(snapshot.version().value())));
      newest = version;
    }
    assertThat(newest).isEqualTo(4);
  }

  @Test
  void aFlippedBitIsNeverServed() throws IOException {
    store.install(StoreVictim.at(2), Optional.empty());
    Snapshot third = StoreVictim.after(StoreVictim.at(2), 3);
    store.install(third, Optional.of(StoreVictim.at(2)));
    store.close();
    StateKey key = StateKey.in(keyFile);
    Path file = snapshotFiles().getLast();
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at++) {
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << (at % 8));
      Files.write(file, flipped);

      // Nothing, or the base: that one was durable before.
      assertThat(Generation.read(file, key))
          .as("byte %d", at)
          .isIn(Optional.empty(), Optional.of(StoreVictim.at(2)));
    }
  }

  @Test
  void aDamagedFileIsPassedOverForTheOlderOne() throws IOException {
    store.install(StoreVictim.at(1), Optional.empty());
    store.install(StoreVictim.at(2), Optional.empty());
    Path newest = snapshotFiles().getLast();
    byte[] whole = Files.readAllBytes(newest);
    whole[whole.length / 2] ^= 1;
    Files.write(newest, whole);
    restart();

    assertThat(store.load()).contains(StoreVictim.at(1));
  }

  @Test
  void recordsDoNotOpenInAnotherPlace() throws IOException {
    installUpTo(3);
    store.close();
    Path file = snapshotFiles().getFirst();
    byte[] whole = Files.readAllBytes(file);
    // The second record again in place of the third: a replay of an older delta.
    int first = Generation.HEAD_BYTES + Generation.LENGTH_BYTES + lengthAt(whole, 0);
    int second = first + Generation.LENGTH_BYTES + lengthAt(whole, first - Generation.HEAD_BYTES);
    byte[] replayed = Arrays.copyOf(whole, second + second - first);
    System.arraycopy(whole, first, replayed, second, second - first);
    Files.write(file, replayed);

    assertThat(store.load()).contains(StoreVictim.at(2));
  }

  private static int lengthAt(byte[] file, int afterHead) {
    return java.nio.ByteBuffer.wrap(file).getInt(Generation.HEAD_BYTES + afterHead);
  }

  @Test
  void junkInTheFolderIsPassedOver() throws IOException {
    installUpTo(2);
    store.close();
    Files.write(folder.resolve("snapshot-ffff.lkg"), new byte[] {1, 2, 3});
    Files.write(folder.resolve("snapshot-zzzz.lkg"), new byte[] {1});
    Files.write(folder.resolve("unfinished.tmp"), new byte[100]);
    Files.createDirectory(folder.resolve("directory"));

    assertThat(store.load()).contains(StoreVictim.at(2));
    installUpTo(3);
    restart();
    assertThat(store.load()).contains(StoreVictim.at(3));
  }

  @Test
  void aFileOfAnotherKeyIsPassedOverAndReplaced() throws IOException {
    installUpTo(2);
    Files.delete(keyFile);
    restart();

    assertThat(store.load()).isEmpty();
    installUpTo(1);
    restart();
    assertThat(store.load()).contains(StoreVictim.at(1));
  }

  @Test
  void nothingOnDiskShowsAKey() throws IOException {
    RandomConfigs random = new RandomConfigs(9);
    Snapshot base = Snapshot.of(new Version(1), random.config(200));
    store.install(base, Optional.empty());
    store.install(Snapshot.of(new Version(2), random.changed(base.config())), Optional.of(base));

    try (Stream<Path> files = Files.walk(temp)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        assertThat(content).doesNotContain(RandomConfigs.KEY_MARK).doesNotContain("example.com");
      }
    }
  }

  @Test
  void onlyTheOwnerMayRead() throws IOException {
    installUpTo(2);

    assertThat(Files.getPosixFilePermissions(folder))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(Files.size(keyFile)).isEqualTo(32);
    try (Stream<Path> files = Files.walk(temp)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.getPosixFilePermissions(file))
            .as(file.toString())
            .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      }
    }
  }

  @Test
  void aSecondStoreInTheSameFolderIsRefused() {
    installUpTo(1);
    try (SnapshotStore second = new SnapshotStore(folder, keyFile)) {
      assertThat(second.load()).isEmpty();
      assertThat(second.install(StoreVictim.at(9), Optional.empty()))
          .isInstanceOfSatisfying(
              StoreOutcome.Lost.class,
              lost -> assertThat(lost.problem().reason()).contains("in use"));
    }
    installUpTo(2);
  }

  @Test
  void whatCannotBeWrittenIsReportedAndTriedAgain() throws IOException {
    Files.writeString(folder, "a file where the folder should be");
    assertThat(store.load()).isEmpty();
    assertThat(store.install(StoreVictim.at(1), Optional.empty()))
        .isInstanceOf(StoreOutcome.Lost.class);

    Files.delete(folder);

    assertThat(store.install(StoreVictim.at(1), Optional.empty())).isEqualTo(DURABLE);
  }

  @Test
  void aKeyFileOfTheWrongSizeIsNotReplaced() throws IOException {
    Files.write(keyFile, new byte[31]);

    assertThat(store.install(StoreVictim.at(1), Optional.empty()))
        .isInstanceOfSatisfying(
            StoreOutcome.Lost.class,
            lost -> assertThat(lost.problem().reason()).contains("31 bytes (expected: 32)"));
    assertThat(Files.size(keyFile)).isEqualTo(31);
  }
}
