/** Who leads, and who believes it (I1, I12, I13). */
@NullMarked
package dev.lockstep.sim.invariant.leadership;

import org.jspecify.annotations.NullMarked;
