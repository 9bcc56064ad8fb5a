package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.Mixing;
import dev.lockstep.agent.proxy.Seeing;
import dev.lockstep.agent.proxy.http.RequestHead;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * Gives each request an id: 128 bits in hexadecimal. The first half is drawn once per event loop,
 * the second is a counter that was scrambled, so that two ids differ for certain on one loop and in
 * all likelihood everywhere, and none tells how many requests there were. An id is a name and no
 * secret.
 *
 * <p>Confined to the event loop.
 */
final class RequestIds {
  private static final HexFormat HEX = HexFormat.of();

  private final Seeing.RequestId settings;
  private final String prefix;
  private long next;

  /** Begins somewhere. */
  RequestIds(Seeing.RequestId settings, SecureRandom random) {
    this.settings = settings;
    this.prefix = HEX.toHexDigits(random.nextLong());
    this.next = random.nextLong();
  }

  /** {@return whether answers carry the id} */
  boolean areTold() {
    return settings.answers() == Seeing.RequestId.Answers.WITH;
  }

  /** {@return the id of this request, whose head is whole and correct} */
  AsciiString of(RequestHead request) {
    return switch (settings.source()) {
      case CLIENT -> request.extras().requestId().orElseGet(this::fresh);
      case ROUTER, NOBODY -> fresh();
    };
  }

  /** {@return an id that was never given before} */
  AsciiString fresh() {
    byte[] id = (prefix + HEX.toHexDigits(Mixing.mix(next++))).getBytes(StandardCharsets.US_ASCII);
    return new AsciiString(id, false);
  }
}
