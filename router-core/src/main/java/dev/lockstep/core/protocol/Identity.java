package dev.lockstep.core.protocol;

/**
 * Who this replica is; fixed for one run.
 *
 * @param replica pod name and boot nonce
 * @param pod which incarnation
 * @param address where the others reach it
 * @param build software version
 */
public record Identity(ReplicaId replica, PodId pod, Address address, String build) {}
