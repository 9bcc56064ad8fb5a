package dev.lockstep.local.kubelet;

import java.net.URI;
import java.util.OptionalLong;

/**
 * One replica, as it is now.
 *
 * @param pod the name of its pod
 * @param pid its process; empty between an end and the next start
 * @param restarts how many times its process was started again
 * @param ready whether its pod is Ready: it answers, and the leader let it in
 * @param http its own address for traffic
 * @param https its own address for traffic over TLS
 * @param api its own address for questions
 */
public record LocalReplica(
    String pod, OptionalLong pid, int restarts, boolean ready, URI http, URI https, URI api) {}
