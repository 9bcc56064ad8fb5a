/**
 * Figures for Prometheus. Every part of the process may count here; nothing is decided by a figure.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.metrics.Meters}, all figures of one replica
 *   <li>{@link dev.lockstep.agent.metrics.MeterName}, how a part names a figure of its own
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.metrics;

import org.jspecify.annotations.NullMarked;
