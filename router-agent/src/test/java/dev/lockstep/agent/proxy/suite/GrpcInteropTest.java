package dev.lockstep.agent.proxy.suite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * gRPC's own interop client and server, both in Java, on either side of the data plane. The server
 * speaks HTTP/2 in the clear.
 */
@Tag("conformance")
class GrpcInteropTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String SERVER = "io.grpc.testing.integration.TestServiceServer";
  private static final Pattern STARTED = Pattern.compile("Server started on port");

  /** All that the server in Java serves; docs/conformance.md says why the others do not apply. */
  private static final List<String> CASES =
      List.of(
          "empty_unary",
          "large_unary",
          "client_compressed_unary_noprobe",
          "server_compressed_unary",
          "client_streaming",
          "client_compressed_streaming_noprobe",
          "server_streaming",
          "server_compressed_streaming",
          "ping_pong",
          "empty_stream",
          "custom_metadata",
          "status_code_and_message",
          "special_status_message",
          "unimplemented_method",
          "unimplemented_service",
          "cancel_after_begin",
          "cancel_after_first_response",
          "timeout_on_sleeping_server",
          "very_large_request",
          "pick_first_unary",
          "rpc_soak",
          "channel_soak",
          "orca_per_rpc",
          "orca_oob");

  /** Only the two cases about load reports look at it. */
  private static final String BALANCING =
      "--service_config_json="
          + "{\"loadBalancingConfig\":[{\"test_backend_metrics_load_balancer\":{}}]}";

  private final String classPath = GrpcClassPath.text();
  private final RunningProxy proxy = new RunningProxy(ProxySettings.Http2.CLEARTEXT);
  private final int port = freePort();
  private final Program server =
      Program.java(classPath, List.of(SERVER, "--port=" + port, "--use_tls=false"));

  /** The server takes any port that is free as well, but does not say which. */
  private static int freePort() {
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return any.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeEach
  void serve() {
    server.awaitLine(STARTED);
    Backend.Id id = new Backend.Id("shop", "grpc", "80");
    Backend.Endpoint endpoint =
        new Backend.Endpoint("backend.localhost", port, Backend.Endpoint.State.READY);
    RouterConfig config =
        RouterConfig.EMPTY
            .with(Configs.route(GrpcClassPath.HOST, RoutePolicy.OPEN, Route.Action.Forward.to(id)))
            .with(new Backend(id, Backend.Cleartext.H2C, List.of(endpoint)));
    proxy.serve(Configs.tls(config, GrpcClassPath.HOST, GrpcClassPath.certificate()));
  }

  @AfterEach
  void stop() {
    server.close();
    proxy.close();
  }

  @Test
  void allCasesPassInTheClear() {
    assertAllPass("in the clear", "--server_port=" + proxy.http().getPort(), "--use_tls=false");
  }

  @Test
  void allCasesPassOverTls() {
    assertAllPass(
        "over TLS",
        "--server_port=" + proxy.https().getPort(),
        "--use_tls=true",
        "--use_test_ca=true");
  }

  private void assertAllPass(String how, String... flags) {
    List<String> words =
        new ArrayList<>(
            List.of(
                GrpcCases.class.getName(),
                String.join(",", CASES),
                "--server_host=127.0.0.1",
                "--server_host_override=" + GrpcClassPath.HOST,
                BALANCING));
    words.addAll(List.of(flags));
    String with = classPath + File.pathSeparator + Path.of("target", "test-classes");
    try (Program client = Program.java(with, words)) {
      List<String> lines = client.lines(LIMIT);
      List<String> passed = lines.stream().filter(it -> it.startsWith("passed ")).toList();
      System.out.println(
          "gRPC interop, " + how + ": " + passed.size() + " of " + CASES.size() + " cases pass");
      assertThat(passed)
          .as(String.join("\n", lines))
          .containsExactlyElementsOf(CASES.stream().map(it -> "passed " + it).toList());
    }
  }
}
