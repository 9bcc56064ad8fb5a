package dev.lockstep.agent.kubernetes.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListMeta;
import io.fabric8.kubernetes.client.KubernetesClientException;

/** Reads resourceVersions as the comparable numbers that they are (KEP-5504). */
public final class ResourceVersions {
  private ResourceVersions() {}

  /** {@return the resourceVersion of the object} */
  public static long of(HasMetadata object) {
    return number(object.getMetadata().getResourceVersion());
  }

  /**
   * {@return the resourceVersion of a list}
   *
   * @throws KubernetesClientException if the list is not complete: then it says nothing
   */
  public static long ofComplete(ListMeta list) {
    if (list.getContinue() != null && !list.getContinue().isEmpty()) {
      throw new KubernetesClientException("the list is incomplete");
    }
    return number(list.getResourceVersion());
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new KubernetesClientException("resourceVersion: " + text + " (expected: a number)", e);
    }
  }
}
