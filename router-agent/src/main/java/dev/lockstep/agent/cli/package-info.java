/**
 * The client commands: what an operator or a script asks a mesh, over its HTTP API.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.cli.Cli}, all commands
 *   <li>{@link dev.lockstep.agent.cli.ExitCode}, what a script can rely on
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.cli;

import org.jspecify.annotations.NullMarked;
