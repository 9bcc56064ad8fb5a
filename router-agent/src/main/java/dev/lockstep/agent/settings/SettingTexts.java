package dev.lockstep.agent.settings;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The texts of all settings, merged from their sources, and everything that is wrong with them.
 * Confined to the thread that reads the settings.
 */
final class SettingTexts {

  /** A text and where it comes from. */
  private record Given(String text, String source) {}

  private final Map<String, Given> given = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  private SettingTexts() {}

  /** {@return what the flags, the environment and the file they name say} */
  static SettingTexts collect(List<String> arguments, Map<String, String> environment) {
    SettingTexts texts = new SettingTexts();
    texts.readFlags(arguments);
    texts.readEnvironment(environment);
    // AFTER both, because either may name the file, and both go before it.
    texts.get(SettingsTable.CONFIG).ifPresent(texts::readFile);
    return texts;
  }

  /** {@return the value of the setting; a stand-in of the right type if there is a problem} */
  <T> T get(Setting<T> setting) {
    Given text = given.getOrDefault(setting.key(), new Given(setting.standard(), "the default"));
    Optional<T> value = setting.type().parse().apply(text.text());
    if (value.isPresent()) {
      return value.get();
    }
    if (text.text().isEmpty()) {
      complain(setting.key(), "nothing", setting.type().expected() + ways(setting));
    } else {
      complain(setting.key(), text.text(), setting.type().expected() + "; from " + text.source());
    }
    return setting.type().parse().apply(setting.standard()).orElseGet(() -> standIn(setting));
  }

  /** Adds a problem in the one form that all have. */
  void complain(String name, String value, String expected) {
    problems.add(name + ": " + value + " (expected: " + expected + ")");
  }

  /** Adds a problem that is a sentence already. */
  void complain(String sentence) {
    problems.add(sentence);
  }

  List<String> problems() {
    return List.copyOf(problems);
  }

  private static String ways(Setting<?> setting) {
    return "; set " + setting.flag() + " or " + setting.env();
  }

  /** A required setting has no default: any well-formed text lets the other checks go on. */
  private static <T> T standIn(Setting<T> setting) {
    return setting
        .type()
        .parse()
        .apply("missing")
        .orElseThrow(() -> new IllegalStateException(setting.key() + ": has no stand-in"));
  }

  private void readFlags(List<String> arguments) {
    int next = 0;
    while (next < arguments.size()) {
      String argument = arguments.get(next++);
      int equals = argument.indexOf('=');
      String flag = equals < 0 ? argument : argument.substring(0, equals);
      Optional<Setting<?>> setting = flag.startsWith("--") ? find(flag.substring(2)) : noSetting();
      if (setting.isEmpty()) {
        complain(flag, "unknown", "a flag that lockstep agent --help lists");
      } else if (equals >= 0) {
        flag(setting.get(), argument.substring(equals + 1));
      } else if (next < arguments.size() && !arguments.get(next).startsWith("--")) {
        flag(setting.get(), arguments.get(next++));
      } else {
        flagAlone(setting.get());
      }
    }
  }

  private void flag(Setting<?> setting, String text) {
    if (given.put(setting.key(), new Given(text, setting.flag())) != null) {
      complain(setting.flag(), "given twice", "once");
    }
  }

  private void flagAlone(Setting<?> setting) {
    if (setting.type().equals(SettingType.SWITCH)) {
      flag(setting, "on");
    } else {
      complain(setting.flag(), "nothing", setting.type().expected());
    }
  }

  /** An empty variable counts as unset: manifests cannot leave one out by a condition. */
  private void readEnvironment(Map<String, String> environment) {
    for (Setting<?> setting : SettingsTable.ROWS) {
      String text = environment.getOrDefault(setting.env(), "");
      if (!text.isEmpty()) {
        given.putIfAbsent(setting.key(), new Given(text, setting.env()));
      }
    }
  }

  private void readFile(Path file) {
    switch (SettingsFile.read(file)) {
      case SettingsFile.Unreadable(String reason) ->
          complain(SettingsTable.CONFIG.key(), file.toString(), reason);
      case SettingsFile.Texts(Map<String, String> texts) ->
          texts.forEach((key, text) -> fromFile(file, key, text));
    }
  }

  private void fromFile(Path file, String key, String text) {
    boolean known = find(key).isPresent() && !key.equals(SettingsTable.CONFIG.key());
    if (known) {
      given.putIfAbsent(key, new Given(text, file.toString()));
    } else {
      complain(key, "unknown", "a key of docs/settings.md; from " + file);
    }
  }

  private static Optional<Setting<?>> find(String key) {
    return SettingsTable.ROWS.stream().filter(row -> row.key().equals(key)).findFirst();
  }

  private static Optional<Setting<?>> noSetting() {
    return Optional.empty();
  }
}
