/**
 * What single objects ask for, whatever others ask. Tenants write them, so they are read by hand,
 * in linear time, and mean nothing but what the published tables say.
 *
 * <h2>Starting points</h2>
 *
 * <ul>
 *   <li>{@link dev.lockstep.agent.kubernetes.parse.Intent}, what one object asks for
 *   <li>{@link dev.lockstep.agent.kubernetes.parse.IngressParser}, Ingresses
 *   <li>{@link dev.lockstep.agent.kubernetes.parse.RoutableServiceParser}, labelled Services
 *   <li>{@link dev.lockstep.agent.kubernetes.parse.CertificateParser}, TLS Secrets
 * </ul>
 */
@NullMarked
package dev.lockstep.agent.kubernetes.parse;

import org.jspecify.annotations.NullMarked;
