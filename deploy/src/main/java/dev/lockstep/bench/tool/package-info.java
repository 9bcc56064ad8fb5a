/**
 * Load generators of others, run as children, and what the system tells of the processes that they
 * put under load.
 *
 * <p>Starting points: {@link dev.lockstep.bench.tool.ToolRun} runs them; {@link
 * dev.lockstep.bench.tool.Wrk}, {@link dev.lockstep.bench.tool.H2load} and {@link
 * dev.lockstep.bench.tool.SslTime} know their command lines and read their output; {@link
 * dev.lockstep.bench.tool.ProcessTree} counts processor time.
 */
@NullMarked
package dev.lockstep.bench.tool;

import org.jspecify.annotations.NullMarked;
