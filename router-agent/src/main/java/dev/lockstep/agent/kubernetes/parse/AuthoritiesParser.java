package dev.lockstep.agent.kubernetes.parse;

import dev.lockstep.core.config.BackendTls;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.List;
import java.util.Map;

/**
 * Reads the authorities in {@code ca.crt} of a {@code kubernetes.io/tls} Secret, where issuers put
 * them. They are written anew, so that a data plane gets certificates and nothing else.
 */
public final class AuthoritiesParser {
  private static final String KEY = "ca.crt";

  private AuthoritiesParser() {}

  /** What a Secret turned out to hold. */
  public sealed interface Outcome {}

  /** Authorities that certificates can be verified with. */
  public record Good(BackendTls.Authorities authorities) implements Outcome {}

  /** Something else, for this reason. */
  public record Bad(String reason) implements Outcome {}

  /** {@return the authorities, or why there are none} */
  public static Outcome parse(Secret secret) {
    try {
      Map<String, String> data = secret.getData() == null ? Map.of() : secret.getData();
      List<Pem.Block> blocks = CertificateParser.certificates(data, KEY);
      StringBuilder pem = new StringBuilder();
      blocks.forEach(block -> pem.append(Pem.text(CertificateParser.CERTIFICATE, block.der())));
      return new Good(new BackendTls.Authorities(pem.toString()));
    } catch (Fault fault) {
      return new Bad(fault.reason());
    } catch (RuntimeException e) {
      return new Bad("it cannot be read: " + e.getClass().getSimpleName());
    }
  }
}
