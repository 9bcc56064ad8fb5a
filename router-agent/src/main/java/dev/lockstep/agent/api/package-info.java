/**
 * The HTTP API of a replica: what callers ask and operators look at. Every replica answers; a
 * follower passes the question on to the leader, one hop at most. Documented in docs/openapi.yaml.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.api.ApiServer}, all routes
 *   <li>{@link dev.lockstep.agent.api.Control}, what the API needs to know of the replica
 *   <li>{@link dev.lockstep.agent.api.Endpoint}, one row of the table of calls
 *   <li>{@link dev.lockstep.agent.api.Problem}, how every refusal looks
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.api;

import org.jspecify.annotations.NullMarked;
