/**
 * What is spoken around HTTP/1.1 requests: TLS and HTTP/2 with backends, the PROXY protocol in
 * front, interim responses, WebSocket over HTTP/2.
 */
@NullMarked
package dev.lockstep.agent.proxy.protocols;

import org.jspecify.annotations.NullMarked;
