/**
 * Local mode: a whole mesh on one machine, on a Kubernetes API of its own.
 *
 * <p>Starting points: {@link dev.lockstep.local.Up} is the program, {@link
 * dev.lockstep.local.LocalMesh} the mesh that it and the end-to-end tests start.
 */
@NullMarked
package dev.lockstep.local;

import org.jspecify.annotations.NullMarked;
