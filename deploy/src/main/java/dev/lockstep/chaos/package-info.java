/**
 * A real mesh on a real API server under faults of every kind, and an oracle that holds it to its
 * word.
 *
 * <p>Starting points: {@link dev.lockstep.chaos.Chaos} is the program behind {@code
 * deploy/chaos/run}, {@link dev.lockstep.chaos.ChaosMesh} what it starts, {@link
 * dev.lockstep.chaos.oracle.Oracle} what it judges by. Nothing here uses the code of the router.
 */
@NullMarked
package dev.lockstep.chaos;

import org.jspecify.annotations.NullMarked;
