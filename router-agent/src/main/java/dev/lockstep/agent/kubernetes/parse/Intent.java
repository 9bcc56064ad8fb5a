package dev.lockstep.agent.kubernetes.parse;

import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What one object asks for, whatever others ask.
 *
 * @param origin the object
 * @param birth which incarnation, and how old
 * @param hosts no two for the same host
 * @param notes for people: what of the object is not served, and why
 */
public record Intent(ObjectKey origin, Birth birth, List<HostIntent> hosts, List<String> notes) {

  /** The older object wins; of two as old as each other, the one whose name comes first. */
  public static final Comparator<Intent> AGE =
      Comparator.comparing((Intent intent) -> intent.birth().created())
          .thenComparing(Intent::origin);

  /** Makes unmodifiable copies. */
  public Intent {
    hosts = List.copyOf(hosts);
    notes = List.copyOf(notes);
  }

  /**
   * One incarnation of an object.
   *
   * @param uid tells a re-creation under the same name
   * @param created {@code creationTimestamp}: RFC 3339 in UTC, so that text order is time order
   */
  public record Birth(String uid, String created) {

    /** {@return the incarnation that the object is} */
    public static Birth of(ObjectMeta meta) {
      String created = meta.getCreationTimestamp();
      // Every stored object has one; without, it must not pass for the oldest.
      return new Birth(meta.getUid(), created == null ? "9999" : created);
    }
  }

  /**
   * What an object asks for one host.
   *
   * @param host lower case, {@code *} for every host that no other route knows
   * @param rules no two with the same match; may be empty
   * @param policy for all of them
   * @param certificate for TLS clients that name the host
   */
  public record HostIntent(
      String host,
      List<RuleIntent> rules,
      RoutePolicy policy,
      Optional<Certificate.Id> certificate) {

    /** Makes unmodifiable copies. */
    public HostIntent {
      rules = List.copyOf(rules);
    }
  }

  /**
   * A rule and how much it was meant.
   *
   * @param rule what to do with which paths
   * @param rank whether it yields to written ones
   */
  public record RuleIntent(Route.Rule rule, Rank rank) {}

  /** How much a rule was meant. */
  public enum Rank {
    /** Somebody wrote it down. */
    WRITTEN,
    /** It follows from a default backend: any written rule with the same match goes first. */
    IMPLIED
  }
}
