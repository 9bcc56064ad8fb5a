/**
 * Links between replicas: TLS with a pinned key, tokens, WebSockets, snapshots over HTTPS. Carries
 * messages and reports what happened to links; what a message means is for the core to decide.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.mesh.MeshShell}, what the composition root calls
 *   <li>{@link dev.lockstep.agent.mesh.MeshEnvironment}, what the composition root gives
 *   <li>{@link dev.lockstep.agent.mesh.MeshSettings}, every time-out and bound
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.mesh;

import org.jspecify.annotations.NullMarked;
