package dev.lockstep.agent.kubernetes.parse;

import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says which Ingresses are ours. */
public final class IngressClasses {
  private static final String CONTROLLER = "lockstep.dev/ingress";
  private static final String DEFAULT = "ingressclass.kubernetes.io/is-default-class";
  private static final String OLD_ANNOTATION = "kubernetes.io/ingress.class";

  private IngressClasses() {}

  /** {@return whether Ingresses without a class are ours, as far as this class decides} */
  public static boolean isOurDefault(IngressClass ingressClass, String ours) {
    Map<String, String> annotations = annotations(ingressClass.getMetadata().getAnnotations());
    return ingressClass.getMetadata().getName().equals(ours)
        && ingressClass.getSpec() != null
        && CONTROLLER.equals(ingressClass.getSpec().getController())
        && "true".equals(annotations.get(DEFAULT));
  }

  /** {@return the class that the Ingress names, in its spec or as it was done before; or empty} */
  public static String named(Ingress ingress) {
    String name = ingress.getSpec() == null ? null : ingress.getSpec().getIngressClassName();
    if (name == null) {
      name = annotations(ingress.getMetadata().getAnnotations()).get(OLD_ANNOTATION);
    }
    return name == null ? "" : name;
  }

  private static Map<String, String> annotations(@Nullable Map<String, String> annotations) {
    return annotations == null ? Map.of() : annotations;
  }
}
