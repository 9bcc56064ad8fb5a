/**
 * The same run on a whole cluster: Lockstep as a real Deployment, with backends as pods, under
 * faults at the level of pods.
 *
 * <p>Starting points: {@link dev.lockstep.chaos.deployed.Installation} puts it there and takes it
 * away, {@link dev.lockstep.chaos.deployed.RouterPods} sees the replicas, {@link
 * dev.lockstep.chaos.deployed.DeploymentFaults} and its neighbours make the faults.
 */
@NullMarked
package dev.lockstep.chaos.deployed;

import org.jspecify.annotations.NullMarked;
