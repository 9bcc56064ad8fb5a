package dev.lockstep.core.sample;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Replicas, pods, leases and configs by number. */
public final class Samples {
  private Samples() {}

  /** {@return the moment so many milliseconds after the beginning} */
  public static NanoTime at(long millis) {
    return new NanoTime(Duration.ofMillis(1_000_000 + millis).toNanos());
  }

  public static Epoch epoch(long value) {
    return new Epoch(value);
  }

  public static Version version(long value) {
    return new Version(value);
  }

  public static ReplicaId replica(int number) {
    return new ReplicaId("router-" + number, "boot" + number);
  }

  public static PodId podId(int number) {
    return new PodId("router-" + number, "uid" + number);
  }

  public static Address address(int number) {
    String host = "10.0.0." + number;
    return new Address(
        "https://" + host + ":7443",
        "pin" + number,
        "http://" + host + ":80",
        "https://" + host + ":443",
        "http://" + host + ":8080");
  }

  public static Identity identity(int number) {
    return new Identity(replica(number), podId(number), address(number), "test");
  }

  /** {@return a Lease that nobody of the mesh has written to} */
  public static Lease blankLease(long resourceVersion) {
    return new Lease(
        "lease-uid",
        resourceVersion,
        Optional.empty(),
        Duration.ofSeconds(5),
        Epoch.NONE,
        Version.NONE,
        Optional.empty(),
        "",
        Optional.empty(),
        List.of());
  }

  /** {@return a Lease that this replica holds} */
  public static Lease lease(long resourceVersion, int holder, long epoch) {
    return blankLease(resourceVersion)
        .heldBy(replica(holder), address(holder), epoch(epoch))
        .forWrite("nonce-of-" + holder, Duration.ofSeconds(5), List.of());
  }

  /** {@return the same Lease as the API server has it after one more write} */
  public static Lease written(Lease lease, long resourceVersion) {
    return lease.at(lease.uid(), resourceVersion);
  }

  /** {@return a running pod with our gate} */
  public static Pod pod(int number, long resourceVersion, Pod.Condition condition, long stamp) {
    return new Pod(
        podId(number),
        resourceVersion,
        condition,
        epoch(stamp),
        Version.NONE,
        "",
        Pod.Process.RUNNING,
        Pod.Phase.PRESENT,
        Pod.Gate.PRESENT,
        "node");
  }

  /** {@return a config with so many backends that are called after the name} */
  public static RouterConfig config(String name, int backends) {
    RouterConfig config = RouterConfig.EMPTY;
    for (int i = 0; i < backends; i++) {
      config = config.with(new Backend(new Backend.Id("shop", name + i, "80"), List.of()));
    }
    return config;
  }

  public static RouterConfig config(String name) {
    return config(name, 1);
  }

  public static Digest digest(String name) {
    return config(name).digest();
  }

  public static Snapshot snapshot(long version, String name) {
    return Snapshot.of(version(version), config(name));
  }

  public static Message.Hello hello(int number, Snapshot applied) {
    return new Message.Hello(
        replica(number),
        podId(number),
        Epoch.NONE,
        applied.version(),
        applied.version(),
        applied.digest(),
        address(number),
        "test");
  }

  public static ObjectKey object(String name) {
    return ObjectKey.core("Service", "shop", name);
  }

  public static Observation present(String name, long resourceVersion) {
    return new Observation(
        object(name), resourceVersion, Observation.State.PRESENT, Observation.Verdict.ROUTED, "");
  }

  public static Observation absent(String name, long resourceVersion) {
    return new Observation(
        object(name), resourceVersion, Observation.State.ABSENT, Observation.Verdict.IGNORED, "");
  }
}
