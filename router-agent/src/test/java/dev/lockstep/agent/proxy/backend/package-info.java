/** Backends that fail, are full, or have several endpoints, over real sockets. */
@NullMarked
package dev.lockstep.agent.proxy.backend;

import org.jspecify.annotations.NullMarked;
