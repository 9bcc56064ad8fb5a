/**
 * How long a change waits on a real mesh when something goes wrong at the moment of its write: the
 * windows of the simulation, measured on processes.
 *
 * <p>Starting points: {@link dev.lockstep.chaos.windows.Windows} is the program behind {@code
 * deploy/chaos/windows}, {@link dev.lockstep.chaos.windows.Trouble} the list of what goes wrong,
 * {@link dev.lockstep.chaos.windows.Measurement} one trial. Nothing here uses the code of the
 * router.
 */
@NullMarked
package dev.lockstep.chaos.windows;

import org.jspecify.annotations.NullMarked;
