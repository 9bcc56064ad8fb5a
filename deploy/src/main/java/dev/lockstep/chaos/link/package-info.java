/**
 * Proxies between replicas: raw bytes in, raw bytes out, and faults in between.
 *
 * <p>Starting points: {@link dev.lockstep.chaos.link.LinkProxies} keeps them, {@link
 * dev.lockstep.chaos.link.LinkProxy} stands for one port of a replica, {@link
 * dev.lockstep.chaos.link.LinkRules} says what is wrong with whose bytes.
 */
@NullMarked
package dev.lockstep.chaos.link;

import org.jspecify.annotations.NullMarked;
