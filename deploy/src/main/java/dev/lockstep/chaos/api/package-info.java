/**
 * A proxy between each replica and the API server: HTTP/1.1 over TLS on both sides, and faults in
 * between.
 *
 * <p>Starting points: {@link dev.lockstep.chaos.api.ApiProxies} keeps them, {@link
 * dev.lockstep.chaos.api.ApiConnection} passes requests on, {@link dev.lockstep.chaos.api.ApiRules}
 * says what is wrong.
 */
@NullMarked
package dev.lockstep.chaos.api;

import org.jspecify.annotations.NullMarked;
