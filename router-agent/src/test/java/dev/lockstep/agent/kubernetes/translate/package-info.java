/** Tests of how objects become configs. */
package dev.lockstep.agent.kubernetes.translate;
