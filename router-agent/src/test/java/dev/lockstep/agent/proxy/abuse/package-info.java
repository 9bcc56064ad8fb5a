/**
 * Clients that mean harm: slow ones, floods of frames and of handshakes. Each meets its bound, and
 * a client beside it is served.
 */
@NullMarked
package dev.lockstep.agent.proxy.abuse;

import org.jspecify.annotations.NullMarked;
