package dev.lockstep.agent;

import dev.lockstep.agent.kubernetes.KubernetesShell;
import dev.lockstep.agent.mesh.MeshShell;
import dev.lockstep.agent.proxy.Admission;
import dev.lockstep.agent.proxy.server.ProxyServer;
import dev.lockstep.core.Replica;
import dev.lockstep.core.protocol.Effect;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Hands each effect of the machine to the part of the shell that can execute it. None of them
 * blocks; what comes of them comes back as events.
 *
 * <p>Confined to the loop's thread.
 *
 * @param kubernetes Lease, pods and sources
 * @param mesh links to other replicas
 * @param dataPlane installs configs
 * @param proxy takes or refuses requests
 * @param questions callers who wait
 * @param notices people who listen
 * @param state the machine's state after the step whose effects these are
 * @param exit completed when the machine has nothing left to do
 */
record EffectRunner(
    KubernetesShell kubernetes,
    MeshShell mesh,
    DataPlane dataPlane,
    ProxyServer proxy,
    Questions questions,
    Notices notices,
    Supplier<Replica> state,
    CompletableFuture<Void> exit)
    implements Consumer<Effect> {

  @Override
  public void accept(Effect effect) {
    switch (effect) {
      case Effect.ReadLease read -> kubernetes.execute(read);
      case Effect.CreateLease create -> kubernetes.execute(create);
      case Effect.WriteLease write -> kubernetes.execute(write);
      case Effect.FollowPods follow -> kubernetes.execute(follow);
      case Effect.UnfollowPods unfollow -> kubernetes.execute(unfollow);
      case Effect.ReadPod read -> kubernetes.execute(read);
      case Effect.WritePod write -> kubernetes.execute(write);
      case Effect.EvictPod evict -> kubernetes.execute(evict);
      case Effect.StartSources start -> kubernetes.execute(start);
      case Effect.StopSources stop -> kubernetes.execute(stop);
      case Effect.ReadObject read -> kubernetes.execute(read);
      case Effect.Probe probe -> mesh.execute(probe);
      case Effect.Connect connect -> mesh.execute(connect);
      case Effect.Disconnect disconnect -> mesh.execute(disconnect);
      case Effect.Send send -> mesh.execute(send);
      case Effect.FetchSnapshot fetch -> mesh.execute(fetch);
      case Effect.Install install -> dataPlane.execute(install);
      case Effect.Admit admit -> admit(admit.admission());
      case Effect.RetireConnections retire -> proxy.retireConnections(retire.over());
      case Effect.Reply reply -> questions.reply(reply);
      case Effect.Announce announce -> notices.announce(announce.notice(), state.get());
      case Effect.Exit done -> exit.complete(null);
    }
  }

  private void admit(Effect.Admission admission) {
    switch (admission) {
      case ACCEPT -> {
        // Whatever paused an event loop is settled: what it holds was proven to be current.
        proxy.resumed();
        proxy.admission(Admission.ACCEPT);
      }
      case REFUSE -> proxy.admission(Admission.REFUSE);
    }
  }
}
