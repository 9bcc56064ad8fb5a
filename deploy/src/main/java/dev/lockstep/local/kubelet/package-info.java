/**
 * Plays kubelet and Deployment controller for router replicas that are plain processes.
 *
 * <p>The API server sees Pods like any others: created from the manifest's template, with bound
 * tokens, statuses and readiness gates. Starting points: {@link
 * dev.lockstep.local.kubelet.Kubelet}, {@link dev.lockstep.local.kubelet.AgentCommand} for what a
 * replica is started with.
 */
@NullMarked
package dev.lockstep.local.kubelet;

import org.jspecify.annotations.NullMarked;
