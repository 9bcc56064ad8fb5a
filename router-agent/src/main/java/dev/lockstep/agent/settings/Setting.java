package dev.lockstep.agent.settings;

import java.util.Locale;

/**
 * One row of the settings table.
 *
 * @param key name in the settings file; the flag is {@code --key}
 * @param group heading under which people find it
 * @param type how its text is read
 * @param standard text of the default; empty means that there is none
 * @param doc what it does, one sentence without a full stop
 * @param <T> what it is read to
 */
record Setting<T>(String key, Group group, SettingType<T> type, String standard, String doc) {

  /** Headings of the reference page, in its order. */
  enum Group {
    IDENTITY("Who this replica is"),
    PORTS("Ports and addresses"),
    KUBERNETES("Kubernetes"),
    STATE("State on disk"),
    LOGS("Logs"),
    TRAFFIC("Data plane"),
    API("API"),
    PROTOCOL("Protocol timings"),
    SHUTDOWN("Shutdown");

    private final String title;

    Group(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }
  }

  /** {@return the name of the environment variable} */
  String env() {
    return "LOCKSTEP_" + key.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** {@return the name of the flag} */
  String flag() {
    return "--" + key;
  }
}
