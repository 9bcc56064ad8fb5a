/**
 * From Kubernetes objects to a config: pure, incremental, and never stopped by one bad object. Work
 * is proportional to the change.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.kubernetes.translate.Translator}, what changes what
 *   <li>{@link dev.lockstep.agent.kubernetes.translate.Claims}, who asks for which host
 *   <li>{@link dev.lockstep.agent.kubernetes.translate.HostSettlement}, who gets a host
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.kubernetes.translate;

import org.jspecify.annotations.NullMarked;
