package dev.lockstep.sim.world;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.Optional;

/** One pod: its object in the API server, its disk, its place in the network, and its process. */
public final class SimPod {

  /** What the pod's image can read: during a rolling update there are two kinds. */
  public enum Build {
    /** Reads everything. */
    NEW,
    /** Does not know entries of a modern kind: it refuses a config that holds one. */
    OLD
  }

  private final PodId id;
  private final Build build;
  private final int slot;
  private final String mesh;
  private Pod object;
  private boolean exists = true;
  private Optional<Snapshot> disk = Optional.empty();
  private Optional<SimShell> process = Optional.empty();
  private int boots;
  private boolean slow;
  private boolean failing;
  private boolean tokenExpired;

  SimPod(Pod object, int slot, Build build) {
    this.id = object.id();
    this.build = build;
    this.slot = slot;
    this.mesh = "https://" + id.uid() + ":7000";
    this.object = object;
  }

  /** {@return which incarnation} */
  public PodId id() {
    return id;
  }

  /** {@return the object as the API server has it} */
  public Pod object() {
    return object;
  }

  /** {@return the running process} */
  public Optional<SimShell> process() {
    return process;
  }

  /** {@return whether the API server still has the object} */
  public boolean exists() {
    return exists;
  }

  /** {@return the number of the place in the Deployment, which a successor inherits} */
  public int slot() {
    return slot;
  }

  /** {@return what a restart would find} */
  public Optional<Snapshot> disk() {
    return disk;
  }

  /** From now on, installs on this pod take long, or are quick again. */
  public void setSlow(boolean slow) {
    this.slow = slow;
  }

  /** From now on, installs on this pod fail, or succeed again. */
  public void setFailing(boolean failing) {
    this.failing = failing;
  }

  /** From now on, nobody accepts this pod's token, or everybody does again. */
  public void setTokenExpired(boolean expired) {
    this.tokenExpired = expired;
  }

  boolean tokenHasExpired() {
    return tokenExpired;
  }

  /** {@return what its image can read} */
  public Build build() {
    return build;
  }

  boolean takesLongToInstall() {
    return slow;
  }

  boolean failsToInstall() {
    return failing;
  }

  /** {@return whether it is, or soon will be, on its way out} */
  public boolean isLeaving() {
    return !exists || object.phase() == Pod.Phase.LEAVING;
  }

  void setObject(Pod object) {
    this.object = object;
  }

  void remove() {
    exists = false;
  }

  /** Loses or replaces what a restart would find. */
  public void setDisk(Optional<Snapshot> disk) {
    this.disk = disk;
  }

  void setProcess(Optional<SimShell> process) {
    this.process = process;
  }

  /** Boot nonces are random, so never the same, even for pods of one name. */
  ReplicaId nextRun() {
    return new ReplicaId(id.name(), id.uid() + "." + ++boots);
  }

  String mesh() {
    return mesh;
  }

  Address addressOf(ReplicaId run) {
    String host = "http://" + id.uid();
    return new Address(
        mesh, "key-" + id.uid() + "-" + run.boot(), host + ":80", host + ":443", host + ":81");
  }

  @Override
  public String toString() {
    return id.name();
  }
}
