package dev.lockstep.agent.kubernetes;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the API server is, and which objects there are ours.
 *
 * @param kubeconfig file that names the API server; absent means the one that runs this pod
 * @param namespace of the mesh: its Lease and its pods
 * @param pod name of this replica's pod; part of the user agent, so that audit logs tell who asked
 * @param serviceAccount that the pods of the mesh run as; their tokens must name it
 * @param lease name of the Lease
 * @param podSelector label selector of the mesh's pods, {@code app.kubernetes.io/name=lockstep}
 * @param ingressClass the {@code ingressClassName} that is ours
 * @param platformDomain suffix that makes a bare word a host; absent if there is none
 */
public record KubernetesSettings(
    Optional<Path> kubeconfig,
    String namespace,
    String pod,
    String serviceAccount,
    String lease,
    String podSelector,
    String ingressClass,
    Optional<String> platformDomain) {

  /** Label selector of the mesh's pods, unless set otherwise. */
  public static final String STANDARD_POD_SELECTOR = "app.kubernetes.io/name=lockstep";
}
