package dev.lockstep.chaos.link;

import static dev.lockstep.chaos.fault.FaultKind.LEADER_CUT;
import static dev.lockstep.chaos.fault.FaultKind.LINK_CUT;
import static dev.lockstep.chaos.fault.FaultKind.LINK_CUT_ONE_WAY;
import static dev.lockstep.chaos.fault.FaultKind.LINK_DELAYED;
import static dev.lockstep.chaos.fault.FaultKind.LINK_HALF_OPEN;
import static dev.lockstep.chaos.fault.FaultKind.LINK_REFUSED;
import static dev.lockstep.chaos.fault.FaultKind.LINK_RESET;
import static dev.lockstep.chaos.fault.FaultKind.LINK_SLOW;

import dev.lockstep.chaos.fault.FaultKind;
import dev.lockstep.chaos.fault.FaultSource;
import dev.lockstep.chaos.fault.Replicas;
import dev.lockstep.chaos.link.LinkRules.Harm;
import dev.lockstep.chaos.link.LinkRules.Rule;
import dev.lockstep.local.kubelet.LocalReplica;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Harms the links between the leader and its followers. */
public final class LinkFaults implements FaultSource {
  private static final String ANYBODY = "";

  private final LinkProxies proxies;
  private final Replicas replicas;

  /** Harms what goes through these proxies. */
  public LinkFaults(LinkProxies proxies, Replicas replicas) {
    this.proxies = proxies;
    this.replicas = replicas;
  }

  @Override
  public Set<FaultKind> kinds() {
    return Set.of(
        LINK_DELAYED,
        LINK_CUT,
        LINK_CUT_ONE_WAY,
        LINK_HALF_OPEN,
        LINK_RESET,
        LINK_SLOW,
        LINK_REFUSED,
        LEADER_CUT);
  }

  @Override
  public Optional<Fault> begin(Order order) {
    Optional<LocalReplica> leader = replicas.leader();
    Optional<LocalReplica> follower = replicas.follower(order.random());
    if (leader.isEmpty() || follower.isEmpty()) {
      return Optional.empty();
    }
    return begin(order, follower.get().pod(), leader.get().pod());
  }

  private Optional<Fault> begin(Order order, String follower, String leader) {
    boolean outgoing = order.random().nextBoolean();
    String from = outgoing ? follower : leader;
    String to = outgoing ? leader : follower;
    return switch (order.kind()) {
      case LINK_DELAYED -> harm(both(from, to, Harm.DELAY));
      case LINK_CUT -> harm(both(from, to, Harm.STOP));
      case LINK_CUT_ONE_WAY -> harm(List.of(new Rule(from, to, Harm.STOP)));
      case LINK_RESET -> harm(List.of(new Rule(from, to, Harm.RESET)));
      case LINK_SLOW -> harm(both(from, to, Harm.ONE_BY_ONE));
      case LINK_HALF_OPEN ->
          halfOpen(
              new LinkRules.Way(from, to),
              outgoing ? LinkConnection.Side.CLIENT : LinkConnection.Side.SERVER);
      case LINK_REFUSED -> refuse(leader);
      default -> harm(cut(leader, order.random().nextInt(3)));
    };
  }

  private static List<Rule> both(String from, String to, Harm harm) {
    return List.of(new Rule(from, to, harm), new Rule(to, from, harm));
  }

  private static List<Rule> cut(String leader, int ways) {
    Rule incoming = new Rule(ANYBODY, leader, Harm.STOP);
    Rule outgoing = new Rule(leader, ANYBODY, Harm.STOP);
    return switch (ways) {
      case 0 -> List.of(incoming);
      case 1 -> List.of(outgoing);
      default -> List.of(incoming, outgoing);
    };
  }

  private Optional<Fault> harm(List<Rule> rules) {
    proxies.rules().set(rules);
    return Optional.of(new Fault(rules.toString(), () -> proxies.rules().clear(rules)));
  }

  private Optional<Fault> halfOpen(LinkRules.Way way, LinkConnection.Side unaware) {
    List<LinkConnection> standing = proxies.between(way.from(), way.to());
    if (standing.isEmpty()) {
      return Optional.empty();
    }
    standing.forEach(it -> it.halfOpen(unaware));
    // What was left open by then would stay so for ever: the other side may wait for no byte.
    return Optional.of(
        new Fault(
            way + ", " + unaware + " unaware, " + standing.size() + " connections",
            () -> standing.forEach(LinkConnection::reset)));
  }

  private Optional<Fault> refuse(String leader) {
    proxies.refuse(leader);
    return Optional.of(new Fault(leader, () -> proxies.accept(leader)));
  }
}
