/**
 * Tests against a real Kubernetes API, with real router processes.
 *
 * <p>Starting points: {@link dev.lockstep.e2e.RealApi} starts the API server once for all of them.
 */
@NullMarked
package dev.lockstep.e2e;

import org.jspecify.annotations.NullMarked;
