package dev.lockstep.bench.proxy;

import dev.lockstep.bench.tool.H2load.Protocol;
import dev.lockstep.bench.tool.SslTime.Handshake;
import java.net.URI;

/** What is asked of each contender. */
enum Case {
  HTTP_SMALL("http-64x128B", "HTTP, 64 connections", new Generator.OfWrk(64), Body.SMALL),
  HTTP_MEDIUM("http-64x16KiB", "HTTP, 64 connections", new Generator.OfWrk(64), Body.MEDIUM),
  HTTP_LARGE("http-64x1MiB", "HTTP, 64 connections", new Generator.OfWrk(64), Body.LARGE),
  HTTP_MANY("http-512x128B", "HTTP, 512 connections", new Generator.OfWrk(512), Body.SMALL),
  HTTPS_SMALL(
      "https-64x128B",
      "HTTPS with HTTP/1.1, 64 connections",
      new Generator.OfH2load(64, Protocol.HTTP_1_1),
      Body.SMALL),
  HTTP_2_SMALL(
      "http2-64x128B",
      "HTTPS with HTTP/2, 64 connections, one stream at a time on each",
      new Generator.OfH2load(64, Protocol.HTTP_2),
      Body.SMALL),
  FULL_HANDSHAKES(
      "handshakes-full",
      "HTTPS, a full handshake for each request",
      new Generator.OfSslTime(Handshake.FULL),
      Body.SMALL),
  RESUMED_HANDSHAKES(
      "handshakes-resumed",
      "HTTPS, a resumed handshake for each request",
      new Generator.OfSslTime(Handshake.RESUMED),
      Body.SMALL);

  private final String key;
  private final String text;
  private final Generator generator;
  private final Body body;

  Case(String key, String text, Generator generator, Body body) {
    this.key = key;
    this.text = text;
    this.generator = generator;
    this.body = body;
  }

  /** Who makes the load, and how much of it. */
  sealed interface Generator {
    /** HTTP/1.1 in the clear, so many connections. */
    record OfWrk(int connections) implements Generator {}

    /** A protocol over TLS, so many connections. */
    record OfH2load(int connections, Protocol protocol) implements Generator {}

    /** One handshake for each request. */
    record OfSslTime(Handshake handshake) implements Generator {}
  }

  /** {@return its name in options and JSON} */
  String key() {
    return key;
  }

  /** {@return its name for people} */
  String text() {
    return text + ", " + body.text();
  }

  Generator generator() {
    return generator;
  }

  /** {@return whether what counts is handshakes} */
  boolean countsHandshakes() {
    return generator instanceof Generator.OfSslTime;
  }

  /** {@return whether it speaks HTTP/2} */
  boolean speaksHttp2() {
    return generator instanceof Generator.OfH2load load && load.protocol() == Protocol.HTTP_2;
  }

  /** {@return what to ask this contender for} */
  URI target(Contender contender) {
    URI address = generator instanceof Generator.OfWrk ? contender.http() : contender.https();
    return address.resolve(body.path());
  }
}
