package dev.lockstep.agent.api;

import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.AckEntry;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Pictures of replicas for tests: a mesh of three in epoch 3 whose newest version is 12. */
public final class Views {
  /** The epoch of all pictures. */
  public static final Epoch EPOCH = new Epoch(3);

  /** The version that is current in them. */
  public static final Version CURRENT = new Version(12);

  /** What must never be seen in any output. */
  public static final String KEY_BYTES = "MIIEvPLANTEDprivateKEYbytes";

  /** An Ingress that all pictures know. */
  public static final ObjectKey WEB = new ObjectKey("networking.k8s.io", "Ingress", "shop", "web");

  private Views() {}

  /** {@return the leader of a healthy mesh} */
  public static ReplicaView leader() {
    return leader(members());
  }

  /** {@return a leader with these members} */
  public static ReplicaView leader(List<ReplicaView.Member> members) {
    RouterConfig config = config("web", "cart");
    return new ReplicaView(
        identity(1),
        "router1",
        ReplicaView.Role.LEADER,
        EPOCH,
        Optional.of(new ReplicaView.LeaderView(replica(1), address(1))),
        CURRENT,
        config.digest(),
        config,
        Message.Standing.IN_SYNC,
        ReplicaView.Readiness.READY,
        Optional.of(leadership(members)));
  }

  /** {@return a follower that takes the replica at this API for its leader} */
  public static ReplicaView follower(int number, int leader, String api) {
    Address address = address(leader);
    Address at =
        new Address(address.mesh(), address.spkiSha256(), address.http(), address.https(), api);
    return follower(number, Optional.of(new ReplicaView.LeaderView(replica(leader), at)));
  }

  /** {@return a follower that knows of no leader} */
  public static ReplicaView orphan(int number) {
    return follower(number, Optional.empty());
  }

  private static ReplicaView follower(int number, Optional<ReplicaView.LeaderView> leader) {
    RouterConfig config = config("web", "cart");
    return new ReplicaView(
        identity(number),
        "router" + number,
        ReplicaView.Role.FOLLOWER,
        EPOCH,
        leader,
        CURRENT,
        config.digest(),
        config,
        Message.Standing.IN_SYNC,
        ReplicaView.Readiness.READY,
        Optional.empty());
  }

  /** {@return this picture with another readiness} */
  public static ReplicaView with(ReplicaView view, ReplicaView.Readiness readiness) {
    return new ReplicaView(
        view.self(),
        view.alias(),
        view.role(),
        view.epoch(),
        view.leader(),
        view.served(),
        view.digest(),
        view.config(),
        view.standing(),
        readiness,
        view.leadership());
  }

  /** {@return this picture serving another config} */
  public static ReplicaView with(ReplicaView view, Version version, RouterConfig config) {
    return new ReplicaView(
        view.self(),
        view.alias(),
        view.role(),
        view.epoch(),
        view.leader(),
        version,
        config.digest(),
        config,
        view.standing(),
        view.readiness(),
        view.leadership());
  }

  /** {@return a config with a route to each of these Services, and a certificate with its key} */
  public static RouterConfig config(String... services) {
    RouterConfig config =
        RouterConfig.EMPTY.with(
            new Certificate(
                new Certificate.Id("shop", "tls"),
                "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n",
                new Certificate.PrivateKey(
                    "-----BEGIN PRIVATE KEY-----\n" + KEY_BYTES + "\n-----END PRIVATE KEY-----\n"),
                Digest.of("leaf")));
    for (String service : services) {
      Backend.Id id = new Backend.Id("shop", service, "80");
      config =
          config
              .with(
                  new Backend(
                      id,
                      List.of(new Backend.Endpoint("10.0.0.1", 80, Backend.Endpoint.State.READY))))
              .with(
                  new Route(
                      service + ".example.com",
                      new ObjectKey("networking.k8s.io", "Ingress", "shop", service),
                      List.of(
                          new Route.Rule(
                              new PathMatch(PathMatch.Type.PREFIX, "/"),
                              Route.Action.Forward.to(id))),
                      RoutePolicy.OPEN));
    }
    return config;
  }

  /** {@return three replicas: the leader, one in sync, one behind} */
  public static List<ReplicaView.Member> members() {
    return List.of(
        member(1, ReplicaView.MemberState.LEADER, CURRENT),
        member(2, ReplicaView.MemberState.IN_SYNC, CURRENT),
        member(3, ReplicaView.MemberState.LAGGING, new Version(11)));
  }

  /** {@return one replica} */
  public static ReplicaView.Member member(
      int number, ReplicaView.MemberState state, Version version) {
    boolean behind = version.value() < CURRENT.value();
    return new ReplicaView.Member(
        "router" + number,
        pod(number),
        Optional.of(replica(number)),
        "node-" + number,
        Optional.of(address(number)),
        state,
        version,
        behind ? NanoTime.NEVER : new NanoTime(1_000_000_000),
        behind ? "disk full" : "",
        behind ? "no ack for 4 s" : "");
  }

  /** {@return the pod of a replica} */
  public static PodId pod(int number) {
    return new PodId("lockstep-" + number, "uid-" + number);
  }

  /** {@return the run of a replica} */
  public static ReplicaId replica(int number) {
    return new ReplicaId("lockstep-" + number, "boot" + number);
  }

  private static Identity identity(int number) {
    return new Identity(replica(number), pod(number), address(number), "test");
  }

  private static Address address(int number) {
    String host = "10.1.0." + number;
    return new Address(
        "https://" + host + ":8091",
        "pin",
        "http://" + host + ":8080",
        "https://" + host + ":8443",
        "http://" + host + ":8090");
  }

  private static ReplicaView.Leadership leadership(List<ReplicaView.Member> members) {
    return new ReplicaView.Leadership(
        Message.ApiAccess.CONFIRMED,
        CURRENT,
        new Version(11),
        members,
        ReplicaView.Sources.SYNCED,
        List.of(
            new Observation(
                new ObjectKey("networking.k8s.io", "Ingress", "shop", "broken"),
                77,
                Observation.State.PRESENT,
                Observation.Verdict.QUARANTINED,
                "host: *.*.example.com (expected: one wildcard label)")),
        List.of(
            ack(4, 1, AckEntry.Kind.ACK, ""),
            ack(5, 2, AckEntry.Kind.ACK, ""),
            ack(6, 3, AckEntry.Kind.NACK, "disk full")),
        "");
  }

  /** {@return this picture with one more line in the log} */
  public static ReplicaView withAck(ReplicaView view, long sequence, String reason) {
    ReplicaView.Leadership known = view.leadership().orElseThrow();
    List<AckEntry> log = new ArrayList<>(known.acks());
    log.add(ack(sequence, 2, AckEntry.Kind.NACK, reason));
    ReplicaView.Leadership longer =
        new ReplicaView.Leadership(
            known.api(),
            known.committed(),
            known.open(),
            known.members(),
            known.sources(),
            known.quarantined(),
            log,
            known.undecidable());
    return new ReplicaView(
        view.self(),
        view.alias(),
        view.role(),
        view.epoch(),
        view.leader(),
        view.served(),
        view.digest(),
        view.config(),
        view.standing(),
        view.readiness(),
        Optional.of(longer));
  }

  private static AckEntry ack(long sequence, int replica, AckEntry.Kind kind, String reason) {
    return new AckEntry(
        sequence,
        EPOCH,
        "router" + replica,
        pod(replica),
        CURRENT,
        kind,
        Duration.ofMillis(2),
        reason);
  }
}
