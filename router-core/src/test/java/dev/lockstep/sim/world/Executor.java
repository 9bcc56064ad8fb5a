package dev.lockstep.sim.world;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.sim.engine.Mark;

/** Does what a machine asks for: one effect after the other, none of them blocking. */
final class Executor {

  private final World world;
  private final SimShell shell;

  Executor(World world, SimShell shell) {
    this.world = world;
    this.shell = shell;
  }

  void perform(Effect effect) {
    switch (effect) {
      case Effect.ReadLease() -> world.lease().read(shell);
      case Effect.CreateLease() -> world.lease().create(shell);
      case Effect.WriteLease(var lease) -> world.lease().write(shell, lease);
      case Effect.FollowPods(var epoch) -> world.pods().follow(shell, epoch);
      case Effect.UnfollowPods() -> world.pods().unfollow(shell);
      case Effect.ReadPod(var id) -> world.pods().read(shell, id);
      case Effect.WritePod write -> world.pods().write(shell, write);
      case Effect.EvictPod(var id, var reason) -> world.processes().evict(shell, id);
      case Effect.Probe(var replica, var address) -> world.network().probe(shell, replica, address);
      case Effect.StartSources(var epoch, var previous) ->
          world.sources().start(shell, epoch, previous);
      case Effect.StopSources() -> world.sources().stop(shell);
      case Effect.ReadObject(var question, var key) -> world.sources().read(shell, question, key);
      case Effect.Connect(var link, var leader) -> world.network().connect(shell, link, leader);
      case Effect.Disconnect(var link, var reason) -> disconnect(link);
      case Effect.Send(var link, var message) -> {
        SimLink open = shell.links().get(link);
        if (open != null) {
          open.send(shell, link, message);
        }
        if (message instanceof Message.Resync) {
          world.mark(Mark.RESYNC);
        }
      }
      case Effect.FetchSnapshot wanted -> world.network().fetch(shell, wanted);
      case Effect.Install install -> shell.dataPlane().install(install);
      case Effect.Admit(var admission) -> shell.dataPlane().admit(admission);
      case Effect.RetireConnections(var over) -> shell.dataPlane().retire(over);
      case Effect.Reply(var question, var answer) -> world.questions().answered(question, answer);
      case Effect.Announce(var notice) -> announced(notice);
      case Effect.Exit() -> shell.leave();
    }
  }

  private void disconnect(LinkId link) {
    SimLink open = shell.links().get(link);
    if (open != null) {
      open.close(shell, link);
    }
  }

  private void announced(Effect.Notice notice) {
    if (notice instanceof Effect.LeadershipWon) {
      shell.setLeading(true);
    } else if (notice instanceof Effect.LeadershipLost) {
      shell.setLeading(false);
    }
    world.announced(shell, notice);
  }
}
