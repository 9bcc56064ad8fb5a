package dev.lockstep.chaos.windows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A row of the table: what its trials have in common.
 *
 * @param trouble what goes wrong
 * @param replicas how many there are
 * @param hit how many of them are hit; 1 for a trouble that says itself whom it hits
 * @param away how long the API server is away; zero for troubles of another kind
 */
record Row(Trouble trouble, int replicas, int hit, Duration away) {
  /** {@return the rows that the user asked for, in the order of the table} */
  static List<Row> all(WindowsOptions options) {
    List<Row> rows = new ArrayList<>();
    for (Trouble trouble : options.troubles()) {
      Duration away = trouble == Trouble.API_AWAY ? options.away() : Duration.ZERO;
      for (int replicas : options.replicas()) {
        for (int hit : trouble.hits(replicas)) {
          rows.add(new Row(trouble, replicas, hit, away));
        }
      }
    }
    return rows;
  }

  String label() {
    return trouble.label(away);
  }

  /** {@return how many replicas a simulation counts as not hit} */
  int survivors() {
    return replicas - hit;
  }

  /** {@return a guess at the time of one trial, before there was one} */
  Duration guess() {
    return Duration.ofSeconds(30).plus(away);
  }

  @Override
  public String toString() {
    boolean many = trouble.whom() == Trouble.Whom.SO_MANY;
    return label() + " (" + (many ? hit + " of " : "") + replicas + " replicas)";
  }
}
