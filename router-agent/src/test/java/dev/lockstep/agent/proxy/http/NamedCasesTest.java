package dev.lockstep.agent.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What parsers and model disagreed about, or what inputs by chance do not reach: each with every
 * way to split it in two, and byte by byte.
 */
class NamedCasesTest {
  private static final HeadLimits SMALL = new HeadLimits(64, 256, 6);
  private static final String HOST = "Host: a\r\n";
  private static final String CHUNKED =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n";

  private record Case(String name, String input, String outcome) {}

  @TestFactory
  Stream<DynamicTest> requestsAreReadAlikeHoweverTheyAreSplit() {
    return Stream.of(
            // The limit of the request line; its own end does not count.
            new Case("line of the limit", line(64) + "\r\n" + HOST + "\r\n", "length="),
            new Case("line of one byte more", line(65) + "\r\n" + HOST + "\r\n", "414"),
            new Case("line of the limit, bare LF", line(64) + "\n" + HOST + "\r\n", "400"),
            new Case("line of one byte more, bare LF", line(65) + "\n" + HOST + "\r\n", "400"),
            new Case("line of two bytes more, bare LF", line(66) + "\n" + HOST + "\r\n", "414"),
            new Case("line of the limit after an empty line", "\r\n" + line(64) + "\r\n", "MORE"),
            new Case("long line without end", "x".repeat(67), "414"),
            new Case("line too long and wrong", "(" + line(65) + "\r\n", "414"),
            // The limits of the head.
            new Case("head of the limit", head(256), "length="),
            new Case("head of one byte more", head(257), "431"),
            new Case("wrong field beyond the limit", "GET / HTTP/1.1\r\n" + "(".repeat(241), "431"),
            new Case("wrong field within the limit", "GET / HTTP/1.1\r\n" + "(\r\n", "400"),
            new Case(
                "six fields", line(20) + "\r\n" + HOST + "a:\r\n".repeat(5) + "\r\n", "length="),
            new Case("seven fields", line(20) + "\r\n" + HOST + "a:\r\n".repeat(6) + "\r\n", "431"),
            new Case(
                "seventh line is no field",
                line(20) + "\r\n" + "a:\r\n".repeat(6) + "x\r\n",
                "400"),
            // One byte is not enough to know an empty line.
            new Case("CR only", "\r", "MORE"),
            new Case("CR and more", "\rGET", "MORE"),
            new Case("CR and a line", "\rGET / HTTP/1.1\r\n", "400"))
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c, SMALL)));
  }

  @TestFactory
  Stream<DynamicTest> bodiesAreReadAlikeHoweverTheyAreSplit() {
    String extension = "1;" + "x".repeat(250) + "\r\na\r\n";
    String longest = "1;" + "x".repeat(252) + "\r\na\r\n";
    return Stream.of(
            new Case("longest chunk line", chunked(longest + "0\r\n\r\n"), "body END"),
            new Case("chunk line too long", chunked("1;x" + longest.substring(2)), "body FAULT"),
            new Case("65 long extensions", chunked(extension.repeat(65) + "0\r\n\r\n"), "body END"),
            new Case(
                "66 long extensions", chunked(extension.repeat(66) + "0\r\n\r\n"), "body FAULT"),
            new Case(
                "nominated trailer",
                nominating("0\r\nX-Hop: 1\r\nY: 2\r\n\r\n"),
                "0\r\nY: 2\r\n\r\n"),
            new Case("32 trailers", chunked("0\r\n" + "a:\r\n".repeat(32) + "\r\n"), "body END"),
            new Case("33 trailers", chunked("0\r\n" + "a:\r\n".repeat(33) + "\r\n"), "body FAULT"))
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c, HeadLimits.STANDARD)));
  }

  private static String line(int length) {
    String end = " HTTP/1.1";
    return "GET /" + "a".repeat(length - 5 - end.length()) + end;
  }

  private static String head(int length) {
    String start = line(20) + "\r\n" + HOST;
    return start + "x:" + "y".repeat(length - start.length() - 6) + "\r\n\r\n";
  }

  private static String chunked(String body) {
    return CHUNKED + "\r\n" + body;
  }

  private static String nominating(String body) {
    return CHUNKED + "Connection: x-hop\r\n\r\n" + body;
  }

  private static void check(Case row, HeadLimits limits) {
    byte[] bytes = row.input().getBytes(StandardCharsets.ISO_8859_1);
    RequestRun run = new RequestRun(limits);
    String whole = run.describe(bytes, new int[] {bytes.length});
    assertThat(whole).contains(row.outcome());
    assertThat(run.describe(bytes, IntStream.rangeClosed(1, bytes.length).toArray()))
        .isEqualTo(whole);
    int step = Math.max(1, bytes.length / 500);
    for (int at = 0; at < bytes.length; at += step) {
      assertThat(run.describe(bytes, new int[] {at, bytes.length}))
          .as("at %d", at)
          .isEqualTo(whole);
    }
  }
}
