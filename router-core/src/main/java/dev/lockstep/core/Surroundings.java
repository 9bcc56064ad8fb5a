package dev.lockstep.core;

import dev.lockstep.core.lease.Election;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.replication.Installer;
import java.util.List;

/**
 * What the rest of a replica lends to one of its roles for one step.
 *
 * @param election may be asked for something
 * @param installer as it is now
 * @param now the moment of the step
 * @param out effects so far; more are added at the end
 */
record Surroundings(Election election, Installer installer, NanoTime now, List<Effect> out) {}
