package dev.lockstep.core.replication;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.OrderedMap;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What each follower was sent, and what to send next: a delta from what it holds, or the word that
 * it should fetch the whole. A delta is made once for all followers that need the same one.
 *
 * @param epoch of the leader
 * @param followers by link
 */
public record Pushes(Epoch epoch, OrderedMap<Progress> followers) {

  /** Pushes without an ack that a follower may have: beyond, changes coalesce until it answers. */
  private static final int WINDOW = 4;

  /** Entries up to which a whole config goes over the link instead of a connection of its own. */
  private static final int SMALL = 256;

  /**
   * One follower.
   *
   * <p>Invariant: acked &lt;= sent.
   *
   * @param link to it
   * @param alias its short name
   * @param sent newest version that it was told
   * @param acked newest version that it said it serves
   * @param unanswered pushes since its last answer
   */
  public record Progress(LinkId link, String alias, Version sent, Version acked, int unanswered) {

    Progress told(Version version) {
      return new Progress(link, alias, version, acked, unanswered + 1);
    }
  }

  /** {@return the progress of a new leader, which has no followers yet} */
  public static Pushes of(Epoch epoch) {
    return new Pushes(epoch, OrderedMap.empty());
  }

  /** {@return the state with a follower that said what it holds; what it lacks is sent next} */
  public Pushes onHello(LinkId link, String alias, Version applied) {
    return with(new Progress(link, alias, applied, applied, 0));
  }

  /** {@return the state without this link} */
  public Pushes onLinkLost(LinkId link) {
    return new Pushes(epoch, followers.without(key(link)));
  }

  /** {@return the state after a follower served or refused something} */
  public Pushes onAnswer(LinkId link, Version acked) {
    return progress(link)
        .map(p -> with(new Progress(link, p.alias, p.sent, Version.max(p.acked, acked), 0)))
        .orElse(this);
  }

  /** {@return the follower at the end of this link} */
  public Optional<Progress> progress(LinkId link) {
    return followers.get(key(link));
  }

  /**
   * Sends the current version to each follower that has not been told yet.
   *
   * @param current what the leader serves itself: poison never leaves it
   * @param sources where a whole snapshot can be had
   */
  public Pushes advance(
      Snapshot current, History history, List<Address> sources, List<Effect> out) {
    Map<Version, Optional<Message>> shared = new HashMap<>();
    Pushes next = this;
    for (OrderedMap.Mapping<Progress> mapping : followers) {
      Progress follower = mapping.value();
      if (current.version().isAfter(follower.sent) && follower.unanswered < WINDOW) {
        Message message =
            shared
                .computeIfAbsent(follower.sent, base -> push(base, current, history))
                .orElseGet(() -> welcome(follower, current, sources));
        out.add(new Effect.Send(follower.link, message));
        next = next.with(follower.told(current.version()));
      }
    }
    return next;
  }

  /** The delta; empty where the base is not known any more. */
  private Optional<Message> push(Version base, Snapshot current, History history) {
    Optional<Snapshot> from =
        base.equals(Version.NONE) && current.config().entries().size() <= SMALL
            ? Optional.of(Snapshot.NONE)
            : history.find(base);
    return from.map(known -> new Message.Push(epoch, known.deltaTo(current)));
  }

  /** Tells a follower to fetch the whole current version. */
  public Pushes resync(LinkId link, Snapshot current, List<Address> sources, List<Effect> out) {
    Progress follower = progress(link).orElse(null);
    if (follower == null) {
      return this;
    }
    out.add(new Effect.Send(link, welcome(follower, current, sources)));
    return with(follower.told(current.version()));
  }

  private Message welcome(Progress follower, Snapshot current, List<Address> sources) {
    return new Message.Welcome(epoch, follower.alias, current.version(), current.digest(), sources);
  }

  private Pushes with(Progress progress) {
    return new Pushes(epoch, followers.with(key(progress.link), progress));
  }

  private static String key(LinkId link) {
    return Long.toString(link.number());
  }
}
