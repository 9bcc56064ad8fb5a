/**
 * From a request to an endpoint: the compiled form of a config, and pure decisions over it. Nothing
 * here knows connections; the data plane asks once per request.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.core.routing.RouteTable}, one config ready to be asked
 *   <li>{@link dev.lockstep.core.routing.RouteMatch}, what it answers
 *   <li>{@link dev.lockstep.core.routing.Balancer}, which endpoint comes next
 * </ul>
 */
package dev.lockstep.core.routing;
