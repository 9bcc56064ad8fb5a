package dev.lockstep.agent.proxy.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RawHttp2;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.StreamingCall;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.agent.proxy.TestTls;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.BackendTls;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Backends that agree on HTTP/2 in the TLS handshake. */
class TlsHttp2BackendTest {
  private static final int LOOPS = 2;

  private final TestCertificate.Authority authority = TestCertificate.authority("ca");
  private final Vertx vertx = Vertx.vertx();
  private final RunningProxy proxy = new RunningProxy();
  private final Queue<HttpConnection> connections = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private void serve(Handler<HttpServerRequest> handler) throws Exception {
    Certificate certificate = TestCertificate.by(authority, "web.shop.svc");
    HttpServer server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost("127.0.0.1")
                    .setPort(0)
                    .setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(
                        new PemKeyCertOptions()
                            .addCertValue(Buffer.buffer(certificate.chainPem()))
                            .addKeyValue(Buffer.buffer(certificate.privateKey().pem()))))
            .connectionHandler(connections::add)
            .requestHandler(handler)
            .listen()
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    Backend.Id id = new Backend.Id("shop", "web", "443");
    Backend.Endpoint endpoint =
        new Backend.Endpoint(
            "backend.localhost", server.actualPort(), Backend.Endpoint.State.READY);
    BackendTls tls =
        new BackendTls(
            BackendTls.Versions.HTTP2_OR_HTTP1,
            "web.shop.svc",
            new BackendTls.Authorities(authority.pem()));
    RouterConfig config =
        RouterConfig.EMPTY
            .with(Configs.route("a.test", RoutePolicy.OPEN, Route.Action.Forward.to(id)))
            .with(new Backend(id, tls, List.of(endpoint)));
    proxy.serve(Configs.tls(config, "a.test", TestCertificate.of("a", "a.test")));
  }

  private RawHttp2 http2() {
    return new RawHttp2(TestTls.connect(proxy.https(), "a.test", "h2"));
  }

  /** A call of gRPC: messages both ways in turns, the outcome in the trailers. */
  @Test
  void bothSidesOfAStreamTalkInTurns() throws Exception {
    serve(
        request -> {
          assertThat(request.version()).isEqualTo(HttpVersion.HTTP_2);
          assertThat(request.scheme()).isEqualTo("https");
          StreamingCall.echo(request);
        });
    try (RawHttp2 client = http2()) {
      StreamingCall.talkInTurns(client);
    }
  }

  @Test
  void manyCallsShareAConnection() throws Exception {
    serve(request -> request.response().end("ok"));
    try (RawHttp2 client = http2();
        RawClient older = proxy.client()) {
      List<Integer> calls = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        calls.add(client.get("a.test", "/" + i));
      }
      calls.forEach(call -> assertThat(client.result(call).body()).isEqualTo("ok"));
      assertThat(older.get("a.test", "/").body()).isEqualTo("ok");
    }
    assertThat(connections).hasSizeLessThanOrEqualTo(LOOPS);
  }

  @Test
  void upgradesReachItAsHttp1() throws Exception {
    serve(
        request -> {
          assertThat(request.version()).isEqualTo(HttpVersion.HTTP_1_1);
          request
              .toWebSocket()
              .onSuccess(socket -> socket.binaryMessageHandler(socket::writeBinaryMessage));
        });
    try (RawClient client = proxy.client()) {
      client.send(
          "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(101);
      byte[] masked = {(byte) 0x82, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'};
      client.send(masked);
      assertThat(client.readN(4)).containsExactly(0x82, 2, 'h', 'i');
    }
  }
}
