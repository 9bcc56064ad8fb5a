/** What is decided about endpoints that fail, on a clock of the tests' own. */
@NullMarked
package dev.lockstep.agent.proxy.health;

import org.jspecify.annotations.NullMarked;
