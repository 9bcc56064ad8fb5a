package dev.lockstep.agent.mesh;

import dev.lockstep.agent.mesh.PeerTarget.HostPort;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Event.Evidence;
import io.vertx.core.Future;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.net.ConnectException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Looks for evidence that a process is gone: every one of its ports refuses connections. Anything
 * else, silence above all, is no evidence.
 *
 * <p>Thread-safe.
 */
final class Prober {
  private final MeshParts parts;
  private final NetClient client;

  Prober(MeshParts parts) {
    this.parts = parts;
    this.client =
        parts
            .vertx()
            .createNetClient(
                new NetClientOptions()
                    .setConnectTimeout((int) parts.settings().probeTimeout().toMillis()));
  }

  void probe(Effect.Probe probe) {
    List<Future<Boolean>> refusals = ports(probe.address()).stream().map(this::refuses).toList();
    Future.all(refusals)
        .map(all -> refusals.stream().allMatch(Future::result))
        .onSuccess(
            gone ->
                parts
                    .environment()
                    .events()
                    .accept(
                        new Event.Probed(
                            probe.replica(), gone ? Evidence.GONE : Evidence.UNCERTAIN)));
  }

  private static List<String> ports(Address address) {
    return Stream.of(address.mesh(), address.http(), address.https(), address.api()).toList();
  }

  /** {@return whether the port refuses; never fails. A URL that names no port proves nothing} */
  private Future<Boolean> refuses(String url) {
    return HostPort.of(url)
        .map(
            at ->
                client
                    .connect(at.port(), at.host())
                    .compose(socket -> socket.close().map(false), e -> done(isRefusal(e)))
                    .otherwise(false))
        .orElseGet(() -> done(false));
  }

  private static Future<Boolean> done(boolean refuses) {
    return Future.succeededFuture(refuses);
  }

  /**
   * A time-out and an unreachable network are ConnectExceptions too; only the text tells them
   * apart. A text in another language makes the answer uncertain, which is safe.
   */
  private static boolean isRefusal(Throwable failure) {
    String message = failure.getMessage();
    return failure instanceof ConnectException
        && message != null
        && message.toLowerCase(Locale.ROOT).contains("connection refused");
  }
}
