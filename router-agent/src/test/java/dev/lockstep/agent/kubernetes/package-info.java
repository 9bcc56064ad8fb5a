/** Tests of the translation between Kubernetes objects and what the machines speak. */
package dev.lockstep.agent.kubernetes;
