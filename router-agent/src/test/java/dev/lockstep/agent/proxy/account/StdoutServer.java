package dev.lockstep.agent.proxy.account;

import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.Seeing;
import java.util.Optional;

/** A process of its own that answers two requests, and tells of them on standard output. */
final class StdoutServer {
  private static final int BUFFER = 65_536;

  private StdoutServer() {}

  public static void main(String[] arguments) {
    Seeing.Log log = new Seeing.Log(Optional.empty(), Seeing.Log.Query.LEFT_OUT, BUFFER);
    Seeing seeing = new Seeing(Optional.of(log), Seeing.RequestId.NONE, 0, Optional.empty());
    try (RunningProxy proxy = new RunningProxy(RunningProxy.seeing(seeing));
        RawClient client = proxy.client()) {
      client.get("a.test", "/1");
      client.get("a.test", "/2");
    }
  }
}
