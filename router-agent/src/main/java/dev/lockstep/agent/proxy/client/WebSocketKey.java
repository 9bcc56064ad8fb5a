package dev.lockstep.agent.proxy.client;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The key of a WebSocket handshake that we make ourselves (RFC 6455 4.1).
 *
 * @param text 16 bytes in base64
 */
public record WebSocketKey(String text) {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  /** {@return a key of this time; it is no secret, only unlike others} */
  public static WebSocketKey fresh() {
    byte[] bytes = new byte[16];
    ThreadLocalRandom.current().nextBytes(bytes);
    return new WebSocketKey(Base64.getEncoder().encodeToString(bytes));
  }

  /** {@return what a server that consents answers to it (RFC 6455 4.2.2)} */
  public String accept() {
    try {
      byte[] text = (this.text + GUID).getBytes(StandardCharsets.US_ASCII);
      byte[] hash = MessageDigest.getInstance("SHA-1").digest(text);
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
