/**
 * TLS towards clients: one context per certificate, chosen by the server name. Sessions and tickets
 * live and die with the certificate, because each context has its own.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.proxy.tls.TlsContexts}, the contexts of one config
 *   <li>{@link dev.lockstep.agent.proxy.tls.SniSelector}, which one a handshake gets
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.proxy.tls;

import org.jspecify.annotations.NullMarked;
