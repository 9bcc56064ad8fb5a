/**
 * What hostile clients and broken backends send, as tables of raw bytes, and what the data plane
 * makes of it, byte for byte on both sides.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.proxy.probe.RequestProbeTest}, what clients send
 *   <li>{@link dev.lockstep.agent.proxy.probe.AnswerProbeTest}, what backends answer
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.proxy.probe;

import org.jspecify.annotations.NullMarked;
