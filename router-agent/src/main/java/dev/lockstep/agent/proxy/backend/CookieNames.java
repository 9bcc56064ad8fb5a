package dev.lockstep.agent.proxy.backend;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * How the endpoints of a backend are called in the cookies of its clients: by a keyed hash, from
 * which nobody without the key can find out an address, nor guess the name of another endpoint. All
 * replicas and event loops have the same names, so a client may come back to any of them.
 *
 * <p>Immutable.
 */
final class CookieNames {
  private static final int COOKIE_BYTES = 4;
  private static final int ENDPOINT_BYTES = 16;

  private final String cookie;
  private final Map<String, Destination> byName = new HashMap<>();
  private final Map<Destination, String> names = new HashMap<>();

  /**
   * Names these.
   *
   * @param key not empty
   * @param backend whose cookie it is: backends of one host must not overwrite each other's
   */
  CookieNames(String key, String backend, List<Destination> all) {
    Mac mac = mac(key);
    cookie = "lockstep-" + hash(mac, "backend " + backend, COOKIE_BYTES);
    for (Destination each : all) {
      String endpoint = each.key().address() + " " + each.key().port();
      String name = hash(mac, "endpoint " + endpoint, ENDPOINT_BYTES);
      byName.put(name, each);
      names.put(each, name);
    }
  }

  private static Mac mac(String key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has it", e);
    }
  }

  private static String hash(Mac mac, String text, int bytes) {
    byte[] all = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(all, 0, bytes);
  }

  /** {@return the name of the cookie} */
  String cookie() {
    return cookie;
  }

  /** {@return the endpoint of this name; null if there is none (any more)} */
  @Nullable Destination named(String name) {
    return byName.get(name);
  }

  /** {@return the name of an endpoint} */
  String nameOf(Destination endpoint) {
    return names.getOrDefault(endpoint, "");
  }
}
