package dev.lockstep.agent.settings;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** The settings file: flat {@code key: value} YAML, or Java properties by its name's ending. */
final class SettingsFile {

  /** What came of reading a file. */
  sealed interface Reading {}

  /** Its texts by key. */
  record Texts(Map<String, String> byKey) implements Reading {}

  /** It cannot be used; the reason names what was expected. */
  record Unreadable(String reason) implements Reading {}

  private SettingsFile() {}

  static Reading read(Path file) {
    String content;
    try {
      content = Files.readString(file);
    } catch (IOException e) {
      return new Unreadable("a readable UTF-8 file; " + e.getClass().getSimpleName());
    }
    return file.toString().endsWith(".properties") ? properties(content) : yaml(content);
  }

  private static Reading properties(String content) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(content));
    } catch (IOException | IllegalArgumentException e) {
      return new Unreadable("Java properties; " + e.getMessage());
    }
    Map<String, String> texts = new TreeMap<>();
    properties.stringPropertyNames().forEach(key -> texts.put(key, properties.getProperty(key)));
    return new Texts(texts);
  }

  private static Reading yaml(String content) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    try {
      Object root = new Yaml(new SafeConstructor(options)).load(content);
      return root == null ? new Texts(Map.of()) : flat(root);
    } catch (YAMLException e) {
      return new Unreadable("YAML; " + String.valueOf(e.getMessage()).replace('\n', ' '));
    }
  }

  private static Reading flat(Object root) {
    if (!(root instanceof Map<?, ?> map)) {
      return new Unreadable("YAML of the form key: value");
    }
    Map<String, String> texts = new TreeMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (entry.getValue() instanceof Map) {
        return new Unreadable("flat YAML; " + entry.getKey() + " holds a map");
      }
      texts.put(String.valueOf(entry.getKey()), text(entry.getValue()));
    }
    return new Texts(texts);
  }

  private static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "";
      case List<?> list -> list.stream().map(String::valueOf).collect(Collectors.joining(","));
      // Every other value of flat YAML is a scalar whose text is what was written.
      case Object scalar -> scalar.toString();
    };
  }
}
