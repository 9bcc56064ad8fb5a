/**
 * Small scopes, exhaustively: two or three replicas, two changes, no chance at all, and then every
 * way in which one thing, or two, can go wrong or come late. What a scope covers it covers
 * completely.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.sim.scope.ScopesTest}, which scopes there are, and how to replay a run
 *   <li>{@link dev.lockstep.sim.scope.Story}, what happens in a run, and where it can go other ways
 *   <li>{@link dev.lockstep.sim.scope.Exhaustive}, how all ways are gone through
 * </ul>
 */
package dev.lockstep.sim.scope;
