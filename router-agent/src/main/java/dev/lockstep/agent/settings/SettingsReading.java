package dev.lockstep.agent.settings;

import java.util.List;

/** What came of reading the settings. */
public sealed interface SettingsReading {

  /** They are good. */
  record Read(AgentSettings settings) implements SettingsReading {}

  /**
   * They are not.
   *
   * @param problems all of them, {@code name: value (expected: …)}
   */
  record Invalid(List<String> problems) implements SettingsReading {
    public Invalid {
      problems = List.copyOf(problems);
    }
  }

  /** Somebody asked what there is. */
  record Help(String text) implements SettingsReading {}
}
