package dev.lockstep.chaos.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.lockstep.chaos.api.ApiRules.Harm;
import dev.lockstep.chaos.api.ApiRules.Rule;
import dev.lockstep.local.cluster.CertificateAuthority;
import dev.lockstep.local.cluster.KeyAndCertificate;
import dev.lockstep.local.cluster.Kubeconfig;
import dev.lockstep.local.cluster.Trust;
import dev.lockstep.local.process.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A proxy that stands for an API server, and its faults. */
final class ApiProxyTest {
  private final ConcurrentLinkedQueue<String> written = new ConcurrentLinkedQueue<>();
  private Ports ports;
  private HttpsServer server;
  private ApiProxies proxies;
  private URI address;
  private HttpClient client;

  @BeforeEach
  void begin() throws IOException {
    ports = Ports.open(RandomGenerator.getDefault());
    CertificateAuthority authority = CertificateAuthority.create("test");
    KeyAndCertificate pair =
        authority.issue("CN=server", List.of("127.0.0.1"), CertificateAuthority.Use.SERVER);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(Tls.server(pair)));
    server.createContext("/", this::answer);
    server.start();
    URI real = URI.create("https://127.0.0.1:" + server.getAddress().getPort());
    proxies = new ApiProxies(new Kubeconfig(real, authority.certificatePem()), ports);
    Kubeconfig wired = proxies.wire("pod-a");
    address = wired.server();
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(Trust.in(wired.authorityPem()))
            .build();
  }

  @AfterEach
  void end() {
    client.close();
    proxies.close();
    server.stop(0);
    ports.close();
  }

  @Test
  void withoutAFaultItOnlyPassesOn() throws Exception {
    HttpResponse<String> response = send(put("a"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("a" + "x".repeat(20_000));
    assertThat(send(put("b")).body()).startsWith("b");
    assertThat(written).containsExactly("a", "b");
  }

  @Test
  void whatIsRefusedIsNotPassedOn() throws Exception {
    rules().set(new Rule(Harm.TOO_MANY, 1));
    HttpResponse<String> response = send(put("a"));
    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.headers().firstValue("Retry-After")).contains("1");
    assertThat(written).isEmpty();
  }

  @Test
  void aLostAnswerIsLostAfterTheWrite() {
    rules().set(new Rule(Harm.ANSWER_LOST, 1));
    assertThatThrownBy(() -> send(put("a"))).isInstanceOf(IOException.class);
    assertThat(written).contains("a");
  }

  @Test
  void aBlackHoleSaysNothing() {
    rules().set(new Rule(Harm.SILENT, 1));
    assertThatThrownBy(() -> send(put("a"))).isInstanceOf(HttpTimeoutException.class);
    assertThat(written).isEmpty();
  }

  @Test
  void aPodThatIsCutOffHearsNothingUntilItIsHealed() throws Exception {
    Runnable heal = proxies.cut("pod-a");
    assertThatThrownBy(() -> send(put("a"))).isInstanceOf(HttpTimeoutException.class);
    heal.run();
    assertThat(send(put("b")).statusCode()).isEqualTo(200);
  }

  @Test
  void onlyAWatchIsGone() throws Exception {
    rules().set(new Rule(Harm.WATCH_GONE, 1));
    assertThat(send(put("a")).statusCode()).isEqualTo(200);
    HttpRequest watch = HttpRequest.newBuilder(address.resolve("/api/v1/pods?watch=true")).build();
    assertThat(send(watch).statusCode()).isEqualTo(410);
  }

  private ApiRules rules() {
    return proxies.of("pod-a").orElseThrow().rules();
  }

  private HttpRequest put(String body) {
    return HttpRequest.newBuilder(address.resolve("/lease"))
        .timeout(Duration.ofSeconds(2))
        .PUT(BodyPublishers.ofString(body))
        .build();
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, BodyHandlers.ofString());
  }

  /** Answers in chunks with what was written, and much more. */
  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    written.add(body);
    exchange.sendResponseHeaders(200, 0);
    exchange.getResponseBody().write((body + "x".repeat(20_000)).getBytes(StandardCharsets.UTF_8));
    exchange.close();
  }
}
