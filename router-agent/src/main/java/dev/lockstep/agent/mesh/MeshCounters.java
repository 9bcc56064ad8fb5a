package dev.lockstep.agent.mesh;

/**
 * What the mesh has counted since the start of the process.
 *
 * @param accepted links of followers whose token was verified
 * @param tokensRefused tokens that prove nothing
 * @param tokensUnchecked tokens that nobody could check in time
 * @param busy requests and connections that a bound turned away
 * @param wrongPods links whose hello named another pod than the token
 * @param unreadable links closed for something that is no message
 * @param unknownTypes messages of a type that this build does not know, ignored
 * @param unservable pushes that this build cannot read, answered with a nack
 * @param slowReaders links closed because the other side did not read
 * @param oversized links closed instead of sending a push that is too large
 * @param silent links closed because nothing came
 * @param pinMismatches connections closed because the other side proved another key
 * @param connectFailures links that could not be made
 * @param snapshotsServed whole snapshots sent
 * @param snapshotsFetched whole snapshots received whose digest fits
 * @param snapshotFailures sources that did not deliver a snapshot
 */
public record MeshCounters(
    long accepted,
    long tokensRefused,
    long tokensUnchecked,
    long busy,
    long wrongPods,
    long unreadable,
    long unknownTypes,
    long unservable,
    long slowReaders,
    long oversized,
    long silent,
    long pinMismatches,
    long connectFailures,
    long snapshotsServed,
    long snapshotsFetched,
    long snapshotFailures) {}
