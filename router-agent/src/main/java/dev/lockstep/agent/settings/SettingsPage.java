package dev.lockstep.agent.settings;

import dev.lockstep.agent.settings.Setting.Group;
import java.util.List;

/** The settings table as people read it: on a terminal and as docs/settings.md. */
final class SettingsPage {
  private static final String INDENT = "      ";

  private SettingsPage() {}

  /** {@return the help of {@code lockstep agent}} */
  static String help() {
    StringBuilder page =
        new StringBuilder(
            """
            Usage: lockstep agent [--<setting> <value>]...

            Runs one router replica. Each setting is taken from the first of: its flag, its
            environment variable, the file that --config names, its default.
            """);
    for (Group group : Group.values()) {
      page.append('\n').append(group.title()).append('\n');
      for (Setting<?> row : rows(group)) {
        page.append("  ").append(row.flag()).append(" <").append(row.type().expected());
        page.append(">\n").append(INDENT).append(row.doc()).append(".\n");
        page.append(INDENT).append(row.env());
        page.append(row.standard().isEmpty() ? "" : ", default " + row.standard()).append('\n');
      }
    }
    return page.toString();
  }

  /** {@return the reference page} */
  static String markdown() {
    StringBuilder page =
        new StringBuilder(
            """
            # Settings of `lockstep agent`

            Printed from the table that the process itself reads its settings by; a test keeps this
            page current. Each setting is taken from the first of: its flag (`--key value` or
            `--key=value`), its environment variable (an empty one counts as unset), the file that
            `--config` names (flat YAML, or Java properties when its name ends in `.properties`),
            its default. All problems are reported at once, and then the process ends.

            Durations are written `500ms`, `5s`, `2m`, `1h`, or as plain seconds. Switches are `on`
            or `off`. Nothing here is a secret: secrets are in files, and settings name the files.
            """);
    for (Group group : Group.values()) {
      page.append("\n## ").append(group.title()).append("\n\n");
      page.append("| key | environment | value | default | what it does |\n");
      page.append("|---|---|---|---|---|\n");
      rows(group).forEach(row -> page.append(line(row)));
    }
    return page.toString();
  }

  private static String line(Setting<?> row) {
    String standard = row.standard().isEmpty() ? "" : "`" + row.standard() + "`";
    return "| `%s` | `%s` | %s | %s | %s |\n"
        .formatted(row.key(), row.env(), row.type().expected(), standard, row.doc());
  }

  private static List<Setting<?>> rows(Group group) {
    return SettingsTable.ROWS.stream().filter(row -> row.group() == group).toList();
  }
}
