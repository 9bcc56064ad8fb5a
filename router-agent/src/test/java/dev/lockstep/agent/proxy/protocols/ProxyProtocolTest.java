package dev.lockstep.agent.proxy.protocols;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RawHttp2;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.agent.proxy.TestTls;
import dev.lockstep.core.config.Cidr;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The PROXY protocol in front: whom a header brings, and which are refused without an answer. */
class ProxyProtocolTest {
  private static final ProxySettings.ProxyProtocol.Header REQUIRED =
      ProxySettings.ProxyProtocol.Header.REQUIRED;
  private static final ProxySettings.ProxyProtocol.Header OPTIONAL =
      ProxySettings.ProxyProtocol.Header.OPTIONAL;
  private static final String REFUSED = "refused";
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
  private static final String US = "127.0.0.1";
  private static final String V4 = "c00000020a0000010050c0de";
  private static final String V6 =
      "20010db8000000000000000000000001" + "20010db8000000000000000000000002" + "0050c0de";

  private final TestBackend backend = TestBackend.saying("ok");
  private Optional<RunningProxy> proxy = Optional.empty();

  @AfterEach
  void stop() {
    proxy.ifPresent(RunningProxy::close);
    backend.close();
  }

  /** One header, raw, and the address that it leads to. */
  private record Case(String name, byte[] header, String expected) {}

  private static Case v1(String line, String expected) {
    return new Case(line, line.getBytes(StandardCharsets.ISO_8859_1), expected);
  }

  /** Version and command, family, and what follows the length, all in hex. */
  private static Case v2(String name, String fixed, String rest, String expected) {
    String length = "%04x".formatted(rest.length() / 2);
    return new Case(name, HexFormat.of().parseHex(SIGNATURE + fixed + length + rest), expected);
  }

  private static List<Case> lines() {
    return List.of(
        v1("PROXY TCP4 192.0.0.2 10.0.0.1 80 49374\r\n", "192.0.0.2"),
        v1("PROXY TCP4 192.0.0.2 10.0.0.1 0 65535\r\n", "192.0.0.2"),
        v1("PROXY TCP6 2001:db8::1 2001:db8::2 80 443\r\n", "2001:db8:0:0:0:0:0:1"),
        v1("PROXY UNKNOWN\r\n", "unknown"),
        v1("PROXY UNKNOWN ffff:f...f:ffff what ever\r\n", "unknown"),
        v1("PROXY TCP4 192.0.0.2 10.0.0.1 80 65536\r\n", REFUSED),
        v1("PROXY TCP4 192.0.0.2 10.0.0.1 80 -1\r\n", REFUSED),
        v1("PROXY TCP4 192.0.0.2 10.0.0.1 80 +1\r\n", REFUSED),
        v1("PROXY TCP4 192.0.0.2 10.0.0.1 080 1\r\n", REFUSED),
        v1("PROXY TCP4 192.0.0.2 10.0.0.1 80 99999999999\r\n", REFUSED),
        v1("PROXY TCP4 192.0.0.2 10.0.0.1 80\r\n", REFUSED),
        v1("PROXY TCP4 192.0.0.2 10.0.0.1 80 1 1\r\n", REFUSED),
        v1("PROXY TCP4 192.0.0.2 10.0.0.1 80 1 \r\n", REFUSED),
        v1("PROXY TCP4  192.0.0.2 10.0.0.1 80 1\r\n", REFUSED),
        v1("PROXY TCP4 192.0.0.02 10.0.0.1 80 1\r\n", REFUSED),
        v1("PROXY TCP4 192.0.2 10.0.0.1 80 1\r\n", REFUSED),
        v1("PROXY TCP4 2001:db8::1 2001:db8::2 80 1\r\n", REFUSED),
        v1("PROXY TCP6 192.0.0.2 10.0.0.1 80 1\r\n", REFUSED),
        v1("PROXY TCP6 fe80::1%eth0 fe80::2 80 1\r\n", REFUSED),
        v1("PROXY TCP4 localhost 10.0.0.1 80 1\r\n", REFUSED),
        v1("PROXY UDP4 192.0.0.2 10.0.0.1 80 1\r\n", REFUSED),
        v1("PROXY UNKNOWNS\r\n", REFUSED),
        v1("PROXY tcp4 192.0.0.2 10.0.0.1 80 1\r\n", REFUSED),
        v1("PROXY TCP4 192.0.0.2 10.0.0.1 80 1\n", REFUSED),
        v1("PROXY UNKNOWN \r \r\n", REFUSED),
        v1("PROXY \r\n", REFUSED),
        v1("PROXY / HTTP/1.1\r\nHost: a.test\r\n\r\n", REFUSED),
        v1("PROXY UNKNOWN " + "x".repeat(91) + "\r\n", "unknown"),
        v1("PROXY UNKNOWN " + "x".repeat(92) + "\r\n", REFUSED),
        v1("PROXY UNKNOWN " + "x".repeat(70_000), REFUSED),
        v1("proxy TCP4 192.0.0.2 10.0.0.1 80 1\r\n", REFUSED));
  }

  private static List<Case> blocks() {
    return List.of(
        v2("TCP4", "2111", V4, "192.0.0.2"),
        v2("TCP6", "2121", V6, "2001:db8:0:0:0:0:0:1"),
        v2("facts behind", "2111", V4 + "020001aa" + "0400020000" + "ea0000", "192.0.0.2"),
        v2("LOCAL", "2000", "", US),
        v2("LOCAL with a family", "2011", V4, US),
        v2("LOCAL with anything", "20ff", "ffff", US),
        v2("UNSPEC", "2100", "", "unknown"),
        v2("UNSPEC with more", "2100", "ffffff", "unknown"),
        v2("UNIX", "2131", "2f".repeat(216), "unknown"),
        v2("checksum", "2111", checked(V4 + "03000400000000"), "192.0.0.2"),
        v2("checksum before others", "2111", checked(V4 + "03000400000000020001aa"), "192.0.0.2"),
        v2("most that may come", "2111", V4 + "040ff1" + "00".repeat(4081), "192.0.0.2"),
        v2("too much", "2111", V4 + "040ff2" + "00".repeat(4082), REFUSED),
        v2("far too much", "2111", V4 + "04ffff" + "00".repeat(65_000), REFUSED),
        v2("wrong checksum", "2111", V4 + "03000412345678", REFUSED),
        v2("two checksums", "2111", V4 + "03000400000000".repeat(2), REFUSED),
        v2("short checksum", "2111", V4 + "0300020000", REFUSED),
        v2("fact longer than the header", "2111", V4 + "020010aa", REFUSED),
        v2("fact without length", "2111", V4 + "0200", REFUSED),
        v2("one byte behind", "2111", V4 + "02", REFUSED),
        v2("TCP4 too short", "2111", V4.substring(2), REFUSED),
        v2("TCP4 with nothing", "2111", "", REFUSED),
        v2("TCP6 too short", "2121", V4, REFUSED),
        v2("UNIX too short", "2131", V4, REFUSED),
        v2("UDP4", "2112", V4, REFUSED),
        v2("UDP6", "2122", V6, REFUSED),
        v2("unknown family", "2141", V4, REFUSED),
        v2("unknown transport", "2113", V4, REFUSED),
        v2("unknown command", "2211", V4, REFUSED),
        v2("version 1 in binary", "1111", V4, REFUSED),
        v2("version 3", "3111", V4, REFUSED));
  }

  /** The rest of a TCP4 header with its checksum, whose place holds zeros, put in. */
  private static String checked(String rest) {
    byte[] whole = v2("", "2111", rest, "").header();
    CRC32C sum = new CRC32C();
    sum.update(whole);
    String value = "%08x".formatted(sum.getValue());
    return rest.replace("03000400000000", "030004" + value);
  }

  private RunningProxy start(ProxySettings.ProxyProtocol.Header header, String... from) {
    return start(header, Duration.ofSeconds(10), from);
  }

  private RunningProxy start(
      ProxySettings.ProxyProtocol.Header header, Duration head, String... from) {
    List<Cidr> blocks = List.of(from).stream().map(ProxyProtocolTest::cidr).toList();
    RunningProxy started =
        new RunningProxy(
            RunningProxy.behind(new ProxySettings.ProxyProtocol(blocks, header), head));
    proxy = Optional.of(started);
    started.serve(
        Configs.tls(
            Configs.to("a.test", backend.endpoint()), "a.test", TestCertificate.of("a", "a.test")));
    return started;
  }

  /** {@return whom the backend hears of, or that nobody was answered} */
  private String outcome(RawClient client) {
    backend.requests().clear();
    try {
      client.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    } catch (UncheckedIOException e) {
      return REFUSED;
    }
    byte[] first = first(client);
    if (first.length == 0) {
      return REFUSED;
    }
    String request = backend.requests().getFirst();
    int at = request.indexOf("x-forwarded-for: ") + "x-forwarded-for: ".length();
    return request.substring(at, request.indexOf("\r\n", at));
  }

  private static byte[] first(RawClient client) {
    try {
      return client.readN("HTTP/1.1 200".length());
    } catch (UncheckedIOException e) {
      return new byte[0];
    }
  }

  @Test
  void headerSaysWhoTheClientIsOrEndsTheConnection() {
    RunningProxy running = start(REQUIRED, "127.0.0.0/8");
    for (List<Case> table : List.of(lines(), blocks())) {
      for (Case row : table) {
        try (RawClient client = running.client()) {
          client.send(row.header);
          assertThat(outcome(client)).as(row.name).isEqualTo(row.expected);
        }
      }
    }
  }

  /** It does not matter in which pieces it comes. */
  @Test
  void headerMayComeByteByByte() {
    RunningProxy running = start(OPTIONAL, "127.0.0.0/8");
    for (Case row : List.of(lines().getFirst(), blocks().getFirst(), lines().get(5))) {
      try (RawClient client = running.client()) {
        for (byte b : row.header) {
          client.send(new byte[] {b});
        }
        assertThat(outcome(client)).as(row.name).isEqualTo(row.expected);
      }
    }
  }

  @Test
  void whereItIsRequiredNobodyComesWithoutIt() {
    RunningProxy running = start(REQUIRED, "127.0.0.0/8");
    for (String begin : List.of("", "POST / HTTP/1.1\r\n", "\r\n", "\r\n\r\n")) {
      try (RawClient client = running.client()) {
        client.send(begin);
        assertThat(outcome(client)).as(begin).isEqualTo(REFUSED);
      }
    }
    assertThat(running.server().meters().read().proxyHeadersRefused()).isEqualTo(4);
  }

  @Test
  void whereItIsOptionalTheProxyMayCallItself() {
    RunningProxy running = start(OPTIONAL, "127.0.0.0/8");
    for (String begin : List.of("", "\r\n")) {
      try (RawClient client = running.client()) {
        client.send(begin);
        assertThat(outcome(client)).as(begin).isEqualTo(US);
      }
    }
    try (RawClient client = running.client()) {
      client.send("PROXY TCP4 192.0.0.2 10.0.0.1 80 1\r\n");
      assertThat(outcome(client)).isEqualTo("192.0.0.2");
    }
  }

  /** Who is not trusted can say what it likes: it is no request, and none behind it is served. */
  @Test
  void headerOfAnybodyElseIsRefused() {
    for (String from : List.of("", "10.0.0.0/8")) {
      RunningProxy running = from.isEmpty() ? start(REQUIRED) : start(REQUIRED, from);
      for (Case row : List.of(lines().getFirst(), blocks().getFirst())) {
        try (RawClient client = running.client()) {
          backend.requests().clear();
          client.send(row.header).send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
          assertThat(client.isClosedByServer()).isTrue();
          assertThat(backend.requests()).as(row.name).isEmpty();
        }
      }
      try (RawClient client = running.client()) {
        assertThat(outcome(client)).isEqualTo(US);
      }
      running.close();
    }
  }

  @Test
  void headerComesBeforeTheHandshakeOfTls() throws Exception {
    RunningProxy running = start(REQUIRED, "127.0.0.0/8");
    for (Case row : List.of(lines().getFirst(), blocks().getFirst())) {
      Socket plain = RawClient.open(running.https());
      plain.getOutputStream().write(row.header);
      try (RawClient client = new RawClient(TestTls.over(plain, "a.test", "http/1.1"))) {
        assertThat(outcome(client)).as(row.name).isEqualTo(row.expected);
      }
      Socket two = RawClient.open(running.https());
      two.getOutputStream().write(row.header);
      try (RawHttp2 client = new RawHttp2(TestTls.over(two, "a.test", "h2"))) {
        backend.requests().clear();
        assertThat(client.result(client.get("a.test", "/")).status()).isEqualTo(200);
        assertThat(backend.requests().getFirst()).contains("x-forwarded-for: 192.0.0.2\r\n");
      }
    }
  }

  @Test
  void rulesAboutAddressesMeanTheClient() {
    RunningProxy running = start(REQUIRED, "127.0.0.0/8");
    RoutePolicy only =
        new RoutePolicy(
            Optional.of(List.of(cidr("192.0.0.0/24"), cidr("127.0.0.0/8"))),
            RoutePolicy.OPEN.connectTimeout(),
            RoutePolicy.OPEN.idleTimeout(),
            RoutePolicy.Scheme.HTTP_AND_HTTPS);
    running.serve(Configs.with(RouterConfig.EMPTY, "a.test", only, backend.endpoint()));
    record Row(String header, int status) {}
    for (Row row :
        List.of(
            new Row("PROXY TCP4 192.0.0.2 10.0.0.1 80 1\r\n", 200),
            new Row("PROXY TCP4 192.0.1.2 10.0.0.1 80 1\r\n", 403),
            new Row("PROXY TCP6 ::ffff:192.0.0.2 ::1 80 1\r\n", 200),
            // The proxy may come in, but who it brings is not known.
            new Row("PROXY UNKNOWN\r\n", 403))) {
      try (RawClient client = running.client()) {
        client.send(row.header);
        assertThat(client.get("a.test", "/").status()).as(row.header).isEqualTo(row.status);
      }
    }
  }

  private static Cidr cidr(String text) {
    return Cidr.parse(text).orElseThrow();
  }

  @Test
  void headerThatDoesNotComeInTimeEndsTheConnection() {
    RunningProxy running = start(REQUIRED, Duration.ofMillis(200), "127.0.0.0/8");
    byte[] cut = Arrays.copyOf(blocks().getFirst().header, 20);
    for (byte[] begin : List.of(new byte[0], "PROXY T".getBytes(US_ASCII), cut)) {
      try (RawClient client = running.client()) {
        client.send(begin);
        assertThat(client.isClosedByServer()).isTrue();
      }
    }
    assertThat(running.server().meters().read().proxyHeadersRefused()).isEqualTo(3);
  }
}
