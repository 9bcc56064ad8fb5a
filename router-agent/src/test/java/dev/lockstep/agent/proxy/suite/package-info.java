/**
 * Other people's suites against the data plane; docs/conformance.md says how they are run and what
 * came of it. A suite whose program is not there is skipped, and says how to get it.
 */
@NullMarked
package dev.lockstep.agent.proxy.suite;

import org.jspecify.annotations.NullMarked;
