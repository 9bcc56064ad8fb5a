/**
 * What people do to a mesh: they write objects, and ask any replica whether that is live.
 *
 * <p>Starting points: {@link dev.lockstep.chaos.workload.Workload} is the loop, {@link
 * dev.lockstep.chaos.workload.Asker} turns answers into promises that the oracle holds the mesh to.
 */
@NullMarked
package dev.lockstep.chaos.workload;

import org.jspecify.annotations.NullMarked;
