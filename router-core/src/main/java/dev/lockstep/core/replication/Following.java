package dev.lockstep.core.replication;

import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Timings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A follower's link to its leader: from hello to welcome, and then deltas, acks and heartbeats.
 *
 * <pre>
 * event            NONE            CONNECTING       GREETING           WELCOMED
 * lease names one  Connect         -                -                  reconnect if it is another
 * LeaderConnected  -               Hello            -                  -
 * Welcome          -               -                sync; WELCOMED     sync
 * Push             -               -                -                  apply, or Resync
 * HeartbeatReply   -               -                -                  note standing
 * LinkLost         -               NONE             NONE               NONE
 * silence          -               -                NONE               NONE
 * </pre>
 *
 * <p>Accepts only what is newer than what it holds, from an epoch that is not older than any it has
 * heard of.
 *
 * <p>Confined to one step: changed on a {@link #copy} only.
 */
public final class Following implements Cloneable {

  private enum Stage {
    NONE,
    CONNECTING,
    GREETING,
    WELCOMED
  }

  private final Identity self;
  private final Timings timings;

  private Stage stage = Stage.NONE;
  private @Nullable LinkId link;
  private @Nullable ReplicaId leader;
  private @Nullable Address address;
  private Epoch epoch = Epoch.NONE;
  private String alias = "";
  private Message.@Nullable Standing standing;
  private Message.ApiAccess api = Message.ApiAccess.CONFIRMED;
  private long links;
  private NanoTime connectNotBefore = new NanoTime(0);

  private Beats beats = Beats.NONE;
  private NanoTime nextBeatAt = NanoTime.NEVER;
  private NanoTime heardAt = NanoTime.NEVER;

  /** When the last heartbeat was sent that a leader answered which was not suspended. */
  private NanoTime answeredSentAt = NanoTime.NEVER;

  private Version welcomeVersion = Version.NONE;
  private Version acked = Version.NONE;
  private boolean checked;
  private CatchUp catchUp = CatchUp.NONE;
  private Duration fetchPause;

  /** Makes the link of a replica that has no leader yet. */
  public Following(Identity self, Timings timings) {
    this.self = self;
    this.timings = timings;
    this.fetchPause = timings.retryPause();
  }

  /** {@return a state that can be changed without changing this one} */
  public Following copy() {
    try {
      return (Following) clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a final class that implements Cloneable can be cloned", e);
    }
  }

  // What is known.

  /** {@return whether a leader counts this replica, and both talk} */
  public boolean isWelcomed() {
    return stage == Stage.WELCOMED;
  }

  /** {@return whether there is a link, or one being made} */
  public boolean isLinked() {
    return stage != Stage.NONE;
  }

  /** {@return whether what is served is as new as what the leader welcomed this replica with} */
  public boolean isInStep(Version served) {
    return isWelcomed() && served.isAtLeast(welcomeVersion) && welcomeVersion.isAfter(Version.NONE);
  }

  /** {@return whether the leader says that it cannot write to the API server} */
  public boolean leaderIsSuspended() {
    return isWelcomed() && api == Message.ApiAccess.SUSPENDED;
  }

  /** {@return whether the Lease must be read before this replica may be counted in} */
  public boolean wantsCheck(Version served) {
    return isInStep(served) && !checked;
  }

  /** {@return the epoch of the leader at the other end} */
  public Epoch epoch() {
    return epoch;
  }

  /** {@return who leads, as far as this link knows} */
  public Optional<ReplicaId> leader() {
    return Optional.ofNullable(leader);
  }

  /** {@return where that leader is reached} */
  public Optional<Address> address() {
    return Optional.ofNullable(address);
  }

  /** {@return short name of this replica, empty before a leader gave it one} */
  public String alias() {
    return alias;
  }

  /** {@return how the leader counts this replica; empty before it has said so over this link} */
  public Optional<Message.Standing> heardStanding() {
    return isWelcomed() ? Optional.ofNullable(standing) : Optional.empty();
  }

  /** {@return how the leader counts this replica} */
  public Message.Standing standing() {
    return standing == null ? Message.Standing.JOINING : standing;
  }

  /** {@return when the last heartbeat was sent that a leader answered which was not suspended} */
  public NanoTime answeredSentAt() {
    return answeredSentAt;
  }

  /** {@return whether this is the link of now, not one of earlier} */
  public boolean isCurrent(LinkId other) {
    return other.equals(link);
  }

  // The link.

  /** The Lease names a leader, who is somebody else: makes sure that the link goes there. */
  public void follow(Lease lease, NanoTime now, List<Effect> out) {
    ReplicaId holder = lease.holder().orElseThrow();
    boolean same = holder.equals(leader);
    if (lease.leader().isEmpty()
        || (same && isLinked())
        || (same && now.isBefore(connectNotBefore))) {
      return;
    }
    disconnect("another replica leads", out);
    leader = holder;
    address = lease.leader().get();
    stage = Stage.CONNECTING;
    links++;
    link = new LinkId(links);
    connectNotBefore = now.plus(timings.retryPause());
    heardAt = now;
    out.add(new Effect.Connect(link, lease.leader().get()));
  }

  /** Closes the link, if there is one. */
  public void disconnect(String reason, List<Effect> out) {
    if (link != null) {
      out.add(new Effect.Disconnect(link, reason));
    }
    forget();
  }

  /** The link is gone. */
  public void onLinkLost() {
    forget();
  }

  private void forget() {
    stage = Stage.NONE;
    link = null;
    nextBeatAt = NanoTime.NEVER;
    heardAt = NanoTime.NEVER;
    beats = beats.forget();
    acked = Version.NONE;
    checked = false;
    catchUp = CatchUp.NONE;
    fetchPause = timings.retryPause();
  }

  /** The link stands: says who this is and what it serves. */
  public void onConnected(Message.Hello hello, NanoTime now, List<Effect> out) {
    stage = Stage.GREETING;
    heardAt = now;
    send(hello, out);
  }

  // What the leader says.

  /** The leader counts this replica. Its config is fetched if it is newer than what is held. */
  public void onWelcome(Message.Welcome welcome, Snapshot held, NanoTime now, List<Effect> out) {
    boolean first = stage == Stage.GREETING;
    stage = Stage.WELCOMED;
    epoch = welcome.epoch();
    alias = welcome.alias();
    heardAt = now;
    if (first) {
      welcomeVersion = welcome.version();
      nextBeatAt = now;
      standing = null;
      api = Message.ApiAccess.CONFIRMED;
      acked = Version.NONE;
      checked = false;
    }
    welcomeVersion = Version.max(welcomeVersion, welcome.version());
    catchUp = catchUp.hear(welcome.version()).idle(NanoTime.NEVER);
    boolean newer = welcome.version().isAfter(held.version());
    if (newer && !welcome.sources().isEmpty()) {
      catchUp = catchUp.fetching();
      out.add(new Effect.FetchSnapshot(welcome.version(), welcome.digest(), welcome.sources()));
    }
  }

  /** {@return the config that a push leads to; empty when there is nothing to apply} */
  public Optional<Snapshot> onPush(
      Message.Push push, Snapshot held, NanoTime now, List<Effect> out) {
    heardAt = now;
    offer(push.delta().target());
    if (held.version().isAtLeast(push.delta().target())) {
      return Optional.empty();
    }
    if (held.version().equals(push.delta().base())) {
      Snapshot target = push.delta().applyTo(held);
      if (target.digest().equals(push.delta().digest())) {
        return Optional.of(target);
      }
    }
    if (catchUp.isFetching()) {
      catchUp = catchUp.keep(push.delta());
    } else if (catchUp.isIdle()) {
      // A base that is not held, or a digest that does not fit: only the whole can help.
      resync(now, out);
    }
    return Optional.empty();
  }

  /** The leader serves this version now. */
  private void offer(Version version) {
    if (welcomeVersion.equals(Version.NONE)) {
      // The leader had nothing yet when it said welcome: its first version is what to catch up to.
      welcomeVersion = version;
    }
    catchUp = catchUp.hear(version);
  }

  private void resync(NanoTime now, List<Effect> out) {
    catchUp = catchUp.asked(now.plus(timings.lateTime()));
    send(new Message.Resync(epoch), out);
  }

  /** The leader answered a heartbeat: what it serves and this replica lacks is missed in time. */
  public void onReply(Message.HeartbeatReply reply, Snapshot held, NanoTime now) {
    heardAt = now;
    offer(reply.version());
    if (catchUp.lacks(held)) {
      catchUp = catchUp.askBy(now.plus(timings.lateTime()));
    }
    standing = reply.standing();
    api = reply.api();
    if (api == Message.ApiAccess.CONFIRMED) {
      // A suspended leader may have a successor already, who does not hear us and fences us.
      answeredSentAt = beats.sentAt(reply.sequence(), answeredSentAt);
    }
    beats = beats.hear(reply.sequence());
  }

  /** {@return what was fetched, with the pushes applied that came meanwhile} */
  public Snapshot onFetched(Snapshot fetched, NanoTime now) {
    Snapshot newest = catchUp.replay(fetched);
    catchUp = catchUp.idle(now);
    fetchPause = timings.retryPause();
    return newest;
  }

  /** A fetch failed: asks after a pause where else to look, and longer if that fails as well. */
  public void onFetchFailed(NanoTime now) {
    catchUp = catchUp.idle(now.plus(fetchPause));
    Duration longer = fetchPause.multipliedBy(2);
    fetchPause = longer.compareTo(timings.lateTime()) < 0 ? longer : timings.lateTime();
  }

  // What this replica says.

  /** The Lease was read after everything was applied, and it still names this leader's epoch. */
  public void onCheckPassed(List<Effect> out) {
    checked = true;
    send(new Message.Checked(epoch), out);
  }

  /** The data plane refused a version. */
  public void refuse(Version version, List<ConfigProblem> problems, List<Effect> out) {
    if (isWelcomed()) {
      send(new Message.Nack(epoch, version, problems), out);
    }
  }

  /** This replica is leaving. */
  public void bye(List<Effect> out) {
    if (isWelcomed()) {
      send(new Message.Bye(epoch), out);
    }
  }

  /** Sends what is due; gives a silent leader up. Returns whether it did. */
  public boolean advance(Installer installer, NanoTime now, List<Effect> out) {
    if (now.isAtOrAfter(heardAt.plus(patience()))) {
      disconnect("the leader is silent", out);
      return true;
    }
    if (!isWelcomed()) {
      return false;
    }
    Snapshot served = installer.served();
    if (served.version().isAfter(acked)) {
      acked = served.version();
      send(new Message.Ack(epoch, served.version(), served.digest()), out);
    }
    if (now.isAtOrAfter(catchUp.askAt())) {
      askAgain(installer.held(), now, out);
    }
    if (now.isAtOrAfter(nextBeatAt)) {
      beats = beats.send(now);
      nextBeatAt = now.plus(timings.heartbeatPeriod());
      send(beats.message(epoch, served), out);
    }
    return false;
  }

  private void askAgain(Snapshot held, NanoTime now, List<Effect> out) {
    if (catchUp.lacks(held)) {
      resync(now, out);
    } else {
      catchUp = catchUp.idle(NanoTime.NEVER);
    }
  }

  /** A leader that has just won is cold: its first handshakes take longer than its heartbeats. */
  private Duration patience() {
    return timings.linkSilence().multipliedBy(isWelcomed() ? 1 : 2);
  }

  /** {@return when {@link #advance} has something to do} */
  public NanoTime nextDeadline() {
    NanoTime next = NanoTime.min(nextBeatAt, heardAt.plus(patience()));
    return isWelcomed() ? NanoTime.min(next, catchUp.askAt()) : next;
  }

  /** {@return when this replica may next try to connect to the same leader} */
  public NanoTime connectNotBefore() {
    return connectNotBefore;
  }

  /** {@return who this replica is, in a hello} */
  public Message.Hello hello(Epoch epochSeen, Version versionSeen, Snapshot served) {
    return new Message.Hello(
        self.replica(),
        self.pod(),
        epochSeen,
        versionSeen,
        served.version(),
        served.digest(),
        self.address(),
        self.build());
  }

  private void send(Message message, List<Effect> out) {
    if (link != null) {
      out.add(new Effect.Send(link, message));
    }
  }
}
