/**
 * Tests of the agent's Kubernetes side against a real API server: what the Lease, pods, tokens,
 * watches and sources do there, conflicts, restarts and black holes included.
 */
package dev.lockstep.kubernetes;
