/**
 * Judges, from outside and with no code of the router, whether what the mesh said was true.
 *
 * <p>It knows what was written, hears every answer to a question about it, and asks every replica
 * for every route, over connections that stay open and over new ones, all the time. Starting
 * points: {@link dev.lockstep.chaos.oracle.Oracle} has the rules, {@link
 * dev.lockstep.chaos.oracle.RouteHistory} the memory of one route, {@link
 * dev.lockstep.chaos.oracle.Visitor} is one client.
 */
@NullMarked
package dev.lockstep.chaos.oracle;

import org.jspecify.annotations.NullMarked;
