package dev.lockstep.chaos.api;

import dev.lockstep.chaos.api.ApiRules.Harm;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One connection of a replica, with one to the API server for it: a request, its answer, the next
 * request. What is upgraded is passed on as bytes. One thread, two after an upgrade.
 */
final class ApiConnection {
  private static final Duration SLOWNESS = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final int PIECE = 16 * 1024;

  /** Those that are decided by the head of a request. */
  private static final List<Harm> ANSWERS = List.of(Harm.TOO_MANY, Harm.BROKEN, Harm.UNAVAILABLE);

  private final Ends ends;
  private final ApiRules rules;
  private final InputStream in;
  private final OutputStream out;
  private final InputStream serverIn;
  private final OutputStream serverOut;
  private volatile boolean watching;
  private volatile boolean closed;

  /**
   * The sockets.
   *
   * @param plainClient below the client's TLS, so that it can be reset
   * @param client the client's end
   * @param server the API server's end
   */
  record Ends(Socket plainClient, Socket client, Socket server) {}

  ApiConnection(Ends ends, ApiRules rules) throws IOException {
    this.ends = ends;
    this.rules = rules;
    this.in = new BufferedInputStream(ends.client.getInputStream());
    this.out = ends.client.getOutputStream();
    this.serverIn = new BufferedInputStream(ends.server.getInputStream());
    this.serverOut = ends.server.getOutputStream();
  }

  /** Passes on until one side ends. */
  void run() throws IOException, InterruptedException {
    try {
      Optional<Head> request = Head.read(in);
      while (request.isPresent() && serve(request.get())) {
        request = Head.read(in);
      }
    } finally {
      close();
    }
  }

  /** {@return whether it brings news of changes} */
  boolean watching() {
    return watching;
  }

  /** Ends it with a reset for the replica. */
  void reset() {
    closed = true;
    try {
      ends.plainClient.setSoLinger(true, 0);
      ends.plainClient.close();
      ends.server.close();
    } catch (IOException e) {
      // They are closed either way.
    }
  }

  /** Ends it as a server does that wants no more. */
  void close() {
    closed = true;
    try {
      ends.client.close();
      ends.server.close();
    } catch (IOException e) {
      // They are closed either way.
    }
  }

  /** Deals with one request; returns whether there may be another one. */
  private boolean serve(Head request) throws IOException, InterruptedException {
    if (rules.hits(Harm.RESET)) {
      reset();
      return false;
    }
    awaitVoice();
    if (rules.hits(Harm.SLOW)) {
      Thread.sleep(SLOWNESS);
    }
    Optional<Harm> answer = ANSWERS.stream().filter(rules::hits).findFirst();
    if (answer.isEmpty() && request.isWatch() && rules.hits(Harm.WATCH_GONE)) {
      answer = Optional.of(Harm.WATCH_GONE);
    }
    if (answer.isPresent()) {
      request.passBody(in, OutputStream.nullOutputStream(), () -> {});
      refuse(answer.get());
      return true;
    }
    return forward(request);
  }

  private void refuse(Harm harm) throws IOException {
    String body =
        """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
        "message":"a fault of the test","reason":"%s","code":%d}\
        """
            .formatted(harm.reason(), harm.status());
    String head =
        "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nRetry-After: 1\r\nContent-Length: %d"
            .formatted(harm.status(), harm.reason(), body.length());
    out.write((head + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private boolean forward(Head request) throws IOException, InterruptedException {
    serverOut.write(request.bytes());
    request.passBody(in, serverOut, () -> {});
    serverOut.flush();
    watching = request.isWatch();
    Optional<Head> answer = Head.read(serverIn);
    boolean write = !request.method().equals("GET");
    if (answer.isEmpty() || (write && rules.hits(Harm.ANSWER_LOST))) {
      reset();
      return false;
    }
    awaitVoice();
    out.write(answer.get().bytes());
    out.flush();
    if (answer.get().status() == 101) {
      Thread.ofVirtual().name("api upstream").start(() -> pump(in, serverOut, () -> {}));
      pump(serverIn, out, this::awaitNews);
      return false;
    }
    if (answer.get().endsWithConnection()) {
      pump(serverIn, out, this::awaitNews);
      return false;
    }
    answer.get().passBody(serverIn, out, this::awaitNews);
    watching = false;
    return true;
  }

  private void pump(InputStream from, OutputStream to, Head.Gate gate) {
    byte[] piece = new byte[PIECE];
    try {
      for (int n = from.read(piece); n >= 0; n = from.read(piece)) {
        gate.await();
        to.write(piece, 0, n);
        to.flush();
      }
    } catch (IOException e) {
      // One side has ended; the other one is told below.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  private void awaitVoice() throws InterruptedException {
    while (rules.has(Harm.SILENT) && !closed) {
      Thread.sleep(POLL);
    }
  }

  private void awaitNews() throws InterruptedException {
    awaitVoice();
    while (watching && rules.has(Harm.WATCH_STALLED) && !closed) {
      Thread.sleep(POLL);
    }
  }
}
