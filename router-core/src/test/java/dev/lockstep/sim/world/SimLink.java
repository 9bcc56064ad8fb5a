package dev.lockstep.sim.world;

import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Pipe;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One connection, from its first packet on. Each side learns of its end in its own time. */
final class SimLink {

  /** One end of the connection. */
  private final class Side {
    final SimShell shell;
    final LinkId id;
    final Pipe inbound;
    boolean open = true;

    Side(SimShell shell, LinkId id) {
      this.shell = shell;
      this.id = id;
      this.inbound = new Pipe(world.scheduler());
    }

    void deliver(Event event) {
      if (!open) {
        return;
      }
      Optional<Message> answer = answerOfTheShell(event);
      if (answer.isPresent()) {
        send(shell, id, answer.get());
      } else {
        shell.deliver(event);
      }
    }

    /**
     * The machine cannot see what its build has no words for: so the shell answers in its place.
     */
    private Optional<Message> answerOfTheShell(Event event) {
      if (event instanceof Event.Received(var link, Message.Push push)
          && !world.reads(shell.pod(), push.delta().digest())) {
        world.mark(Mark.PUSH_UNREADABLE);
        var problem = new ConfigProblem("delta", "of a kind that this build does not know");
        return Optional.of(new Message.Nack(push.epoch(), push.delta().target(), List.of(problem)));
      }
      return Optional.empty();
    }

    /** The end of the connection has reached this side. */
    void lose(String reason) {
      if (open) {
        open = false;
        shell.links().remove(id);
        shell.deliver(new Event.LinkLost(id, reason));
      }
      inbound.close();
      forgetIfOver();
    }
  }

  private final World world;
  private final Side follower;
  private @Nullable Side leader; // Until the connection is accepted, there is none.

  SimLink(World world, SimShell follower, LinkId id) {
    this.world = world;
    this.follower = new Side(follower, id);
  }

  SimShell follower() {
    return follower.shell;
  }

  /** The connection could not be made. */
  void fail(String reason) {
    long back = world.delay(world.knobs().networkDelay());
    follower.shell.after(back, () -> follower.lose(reason));
  }

  void accept(SimShell target) {
    Side side = new Side(target, target.nextInboundLink());
    leader = side;
    target.links().put(side.id, this);
    if (!follower.open) {
      end(side, "closed");
    }
    target.deliver(new Event.FollowerConnected(side.id, follower.shell.podId()));
    carry(follower, new Event.LeaderConnected(follower.id));
  }

  void send(SimShell from, LinkId id, Message message) {
    Side side = sideOf(from, id);
    Side other = otherOf(side);
    if (side == null || other == null || !side.open) {
      return;
    }
    if (!other.open) {
      // The far end forgot this connection: its machine answers with a reset.
      long roundTrip = 2 * world.delay(world.knobs().networkDelay());
      if (!world.network().isCut(side.shell, other.shell)
          && !world.network().isCut(other.shell, side.shell)) {
        side.shell.after(roundTrip, () -> side.lose("reset"));
      }
      return;
    }
    carry(other, new Event.Received(other.id, world.network().carried(message)));
  }

  /** One side closes in order: the other hears of it after all that was said before. */
  void close(SimShell from, LinkId id) {
    Side side = sideOf(from, id);
    if (side == null || !side.open) {
      return;
    }
    side.open = false;
    side.shell.links().remove(side.id);
    side.inbound.close();
    Side other = otherOf(side);
    if (other == null) {
      return;
    }
    end(other, "closed");
  }

  /** The process of one side is no more. */
  void died(SimShell process, boolean silently) {
    Side side = process == follower.shell ? follower : leader;
    Side other = otherOf(side);
    if (side == null) {
      return;
    }
    side.open = false;
    side.inbound.close();
    if (other == null) {
      return;
    }
    other.inbound.truncate(world.scheduler().below(3));
    if (!silently) {
      end(other, "process gone");
    }
    forgetIfOver();
  }

  /** The connection breaks; with {@code oneSided} one side does not hear of it. */
  void reset(boolean oneSided) {
    Side known = leader;
    if (known != null) {
      boolean followerHears = !oneSided || world.scheduler().chance(0.5);
      breakSide(follower, followerHears);
      breakSide(known, !oneSided || !followerHears);
    }
  }

  private void breakSide(Side side, boolean hears) {
    side.inbound.clear();
    if (hears) {
      carry(side, new Event.LinkLost(side.id, "reset"));
    }
  }

  void underWay(SimNetwork.Traffic each) {
    Side known = leader;
    if (known != null) {
      int here = follower.shell.pod().slot();
      int there = known.shell.pod().slot();
      each.on(here, there, known.inbound.size());
      each.on(there, here, follower.inbound.size());
    }
  }

  void directionChanged(int from, int to, boolean cut) {
    Side known = leader;
    if (known == null) {
      return;
    }
    if (follower.shell.pod().slot() == from && known.shell.pod().slot() == to) {
      hold(known, cut);
    } else if (known.shell.pod().slot() == from && follower.shell.pod().slot() == to) {
      hold(follower, cut);
    }
  }

  private static void hold(Side side, boolean cut) {
    if (cut) {
      side.inbound.hold();
    } else {
      side.inbound.release();
    }
  }

  private void end(Side other, String reason) {
    carry(other, new Event.LinkLost(other.id, reason));
    forgetIfOver();
  }

  private void forgetIfOver() {
    Side known = leader;
    if (!follower.open && (known == null || !known.open)) {
      world.network().forget(this);
    }
  }

  private void carry(Side to, Event event) {
    long delay = world.delay(world.knobs().networkDelay());
    if (event instanceof Event.LinkLost lost) {
      to.inbound.offer(delay, () -> to.lose(lost.reason()));
    } else {
      to.inbound.offer(delay, () -> to.deliver(event));
    }
  }

  private @Nullable Side sideOf(SimShell shell, LinkId id) {
    if (follower.shell == shell && follower.id.equals(id)) {
      return follower;
    }
    return leader;
  }

  private @Nullable Side otherOf(@Nullable Side side) {
    return side == follower ? leader : follower;
  }
}
