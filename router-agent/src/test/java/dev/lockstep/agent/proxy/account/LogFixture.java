package dev.lockstep.agent.proxy.account;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.Seeing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** An access log in a file, as somebody else reads it. */
record LogFixture(Path file) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SMALL_BUFFER = 65_536;

  RunningProxy proxy(Seeing.Log.Query query) {
    return new RunningProxy(RunningProxy.seeing(seeing(query)));
  }

  Seeing seeing(Seeing.Log.Query query) {
    return new Seeing(
        Optional.of(new Seeing.Log(Optional.of(file), query, SMALL_BUFFER)),
        new Seeing.RequestId(Seeing.RequestId.Source.CLIENT, Seeing.RequestId.Answers.WITHOUT),
        100,
        Optional.empty());
  }

  /** {@return the lines, once there are so many} */
  List<JsonNode> lines(int count) {
    await().until(() -> Files.exists(file) && texts().size() >= count);
    return texts().stream().map(LogFixture::parse).toList();
  }

  /** {@return the line of the one request that there was} */
  JsonNode line() {
    return lines(1).getFirst();
  }

  List<String> texts() {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(line, e);
    }
  }
}
