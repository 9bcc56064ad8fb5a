package dev.lockstep.agent.proxy.http;

import io.netty.util.AsciiString;

/** Takes fields one by one, as HTTP/2 wants them. */
@FunctionalInterface
public interface FieldSink {

  /** Takes a field, its name in lower case. */
  void field(AsciiString name, AsciiString value);
}
