package dev.lockstep.chaos;

import dev.lockstep.chaos.fault.FaultSource;
import dev.lockstep.chaos.oracle.Oracle;
import dev.lockstep.chaos.workload.Workload;
import dev.lockstep.local.kubelet.LocalReplica;
import java.util.List;
import java.util.function.Supplier;

/**
 * What is up when a run begins.
 *
 * @param replicas as they are now; all of them were ready
 * @param oracle judges
 * @param workload changes routes, once it is started
 * @param faults can be made
 */
record Started(
    Supplier<List<LocalReplica>> replicas,
    Oracle oracle,
    Workload workload,
    List<FaultSource> faults) {}
