/**
 * The parsers against a model of the same grammar that is slow and obvious, on inputs that chance
 * makes from the grammar and spoils.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.proxy.http.FuzzTest}, which compares them
 *   <li>{@link dev.lockstep.agent.proxy.http.PlainRequest}, the model
 *   <li>{@link dev.lockstep.agent.proxy.http.HeadGrammar}, the inputs
 * </ul>
 */
package dev.lockstep.agent.proxy.http;
