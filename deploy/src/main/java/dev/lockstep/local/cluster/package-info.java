/**
 * A real Kubernetes API on this machine, without containers: etcd and kube-apiserver as two child
 * processes.
 *
 * <p>Starting points: {@link dev.lockstep.local.cluster.Binaries} finds or builds the programs,
 * {@link dev.lockstep.local.cluster.ApiServer} runs them, {@link
 * dev.lockstep.local.cluster.Manifest} applies Lockstep's own objects.
 */
@NullMarked
package dev.lockstep.local.cluster;

import org.jspecify.annotations.NullMarked;
