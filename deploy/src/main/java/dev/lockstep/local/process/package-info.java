/**
 * Child processes, ports and progress: what local mode needs from the operating system.
 *
 * <p>Nothing that is started here outlives the process that started it, not even after a {@code
 * kill -9} of that process. Starting points: {@link dev.lockstep.local.process.Children}, {@link
 * dev.lockstep.local.process.Ports}.
 */
@NullMarked
package dev.lockstep.local.process;

import org.jspecify.annotations.NullMarked;
