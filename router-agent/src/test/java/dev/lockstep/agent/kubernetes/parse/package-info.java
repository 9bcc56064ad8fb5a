/** Tests of what single objects ask for. */
package dev.lockstep.agent.kubernetes.parse;
