package dev.lockstep.sim.broken;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Classes from a copy of the sources: the whole is compiled once, and then for each patch the files
 * that it changes.
 *
 * @param sources as they are
 * @param folder that may be filled
 * @param classes of the sources as they are
 */
record Build(Sources sources, Path folder, Path classes) {

  static Build of(Sources sources, Path folder) throws IOException {
    return new Build(sources, folder, sources.compile(folder.resolve("as-it-is"), libraries()));
  }

  /**
   * {@return the classes with this rule broken, which know nothing of those that are running}
   *
   * @throws IllegalArgumentException when the patch does not apply, or does not compile
   */
  URLClassLoader with(Patch patch) throws IOException {
    String libraries = classes + System.getProperty("path.separator") + libraries();
    Path changed = sources.changedBy(patch).compile(folder.resolve(patch.name()), libraries);
    URL[] path = {changed.toUri().toURL(), classes.toUri().toURL()};
    return new URLClassLoader(patch.name(), path, new Libraries());
  }

  /** Libraries are shared; of this project nothing is. */
  private static final class Libraries extends ClassLoader {
    private Libraries() {
      super(ClassLoader.getPlatformClassLoader());
    }

    /** Before all others: a loader of the JDK would find this project's own module. */
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("dev.lockstep.")) {
        throw new ClassNotFoundException(name);
      }
      return super.loadClass(name, resolve);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      return Class.forName(name, false, Build.class.getClassLoader());
    }
  }

  /** What the compiler needs besides the sources. */
  private static String libraries() {
    return Stream.of("jdk.module.path", "java.class.path", "surefire.test.class.path")
        .map(System::getProperty)
        .filter(Objects::nonNull)
        .collect(Collectors.joining(System.getProperty("path.separator")));
  }
}
