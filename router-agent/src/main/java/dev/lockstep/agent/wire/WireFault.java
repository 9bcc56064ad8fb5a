package dev.lockstep.agent.wire;

import java.io.Serial;

/**
 * Why something cannot be read. Never leaves this package: the codecs turn it into a value. It
 * exists so that a reader of nested fields need not carry a problem through every level.
 */
final class WireFault extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Without a stack trace: what matters is the field, and a hostile peer must not buy our time. */
  WireFault(String field, String reason) {
    super(field + ": " + reason, null, false, false);
  }

  /** {@return which field, and what is wrong with it; holds no secret material} */
  String reason() {
    return String.valueOf(getMessage());
  }
}
