package dev.lockstep.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.local.process.Ports;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The client of the checks and the sample backend, against each other. */
final class TrafficClientTest {
  @Test
  void aBackendSaysWhoItIsAndWhatWasAsked() {
    try (Ports ports = Ports.open(RandomGenerator.getDefault());
        SampleBackend backend = SampleBackend.start("web-1", ports.next())) {
      URI address = URI.create("http://127.0.0.1:" + backend.port());
      TrafficClient.Answer answer = new TrafficClient().get(address, "any.example", "/a?b=c");
      assertThat(answer.from("web-1")).isTrue();
      assertThat(answer.from("web-2")).isFalse();
      assertThat(answer.body()).contains("\"any.example\"").contains("\"/a?b=c\"");
      assertThat(answer.headers()).containsEntry("content-type", "application/json");
      assertThat(answer.certificate()).isEmpty();
    }
  }

  @Test
  void noAnswerIsAFailure() {
    try (Ports ports = Ports.open(RandomGenerator.getDefault())) {
      URI nobody = URI.create("http://127.0.0.1:" + ports.next());
      assertThatThrownBy(() -> new TrafficClient().get(nobody, "any.example", "/"))
          .isInstanceOf(UncheckedIOException.class);
    }
  }
}
