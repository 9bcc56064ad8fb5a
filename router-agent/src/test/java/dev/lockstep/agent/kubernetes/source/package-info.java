/** Tests of folding and reflecting. */
package dev.lockstep.agent.kubernetes.source;
