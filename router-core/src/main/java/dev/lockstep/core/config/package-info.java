/**
 * What is served, as values: the config, its entries, its digest, and the difference between two
 * configs. The words are Gateway API's (route, backend, endpoint, listener, certificate).
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.core.config.RouterConfig}, the whole config
 *   <li>{@link dev.lockstep.core.config.Entry}, the kinds of things in it
 *   <li>{@link dev.lockstep.core.config.OrderedMap}, why a change costs only its own size
 * </ul>
 */
package dev.lockstep.core.config;
