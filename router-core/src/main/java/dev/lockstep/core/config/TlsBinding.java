package dev.lockstep.core.config;

/**
 * Which certificate a TLS client gets for a server name.
 *
 * @param host lower case, {@code *.example.com} for one label below; {@code *} for clients that
 *     name no server
 * @param certificate must be in the same config; if not, the host has no TLS
 * @param origin the object that asked for it
 */
public record TlsBinding(String host, Certificate.Id certificate, ObjectKey origin)
    implements Entry {

  /** {@return the key of the binding of this host} */
  public static String key(String host) {
    return "tls/" + host;
  }

  @Override
  public String key() {
    return key(host);
  }

  @Override
  public byte[] sha256() {
    return new CanonicalText()
        .field("tls")
        .field(host)
        .field(certificate.toString())
        .field(origin.path())
        .sha256();
  }
}
