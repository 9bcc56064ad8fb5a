package dev.lockstep.agent.proxy.suite;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * testssl.sh of Debian against the TLS port: all that it finds serious, and its grade if it gives
 * one. It takes minutes, so it runs only where {@code -Dlockstep.testssl=on} asks for it.
 */
@Tag("conformance")
class TestsslTest {
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final Set<String> SERIOUS = Set.of("MEDIUM", "HIGH", "CRITICAL");

  /** What it finds of the certificate, which is gRPC's for tests, and of the backend's answers. */
  private static final Set<String> NOT_OURS =
      Set.of("cert_", "DNS_CAArecord", "security_headers", "HSTS");

  /** Given by 3.2 and later. */
  private static final String NO_GRADE = "none";

  @TempDir Path folder;

  @Test
  void nothingSeriousIsFoundAndAGradeIsA() throws IOException {
    Program.require(
        System.getProperty("lockstep.testssl", "off").equals("on"),
        "testssl.sh: minutes (-Dlockstep.testssl=on runs it)");
    String program = Program.find("testssl", "apt-get install testssl.sh");
    Path authority = folder.resolve("ca.pem");
    Files.writeString(authority, GrpcClassPath.authority());
    Path report = folder.resolve("report.json");
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = new RunningProxy()) {
      var config = Configs.to(GrpcClassPath.HOST, backend.endpoint());
      proxy.serve(Configs.tls(config, GrpcClassPath.HOST, GrpcClassPath.certificate()));
      List<String> words =
          List.of(
              program,
              "--quiet",
              "--color=0",
              "--warnings=off",
              "--add-ca=" + authority,
              "--ip=127.0.0.1",
              "--jsonfile=" + report,
              GrpcClassPath.HOST + ":" + proxy.https().getPort());
      try (Program run = Program.start(words)) {
        String printed = String.join("\n", run.lines(LIMIT));
        judge(new ObjectMapper().readTree(report.toFile()), printed);
      }
    }
  }

  private static void judge(JsonNode findings, String printed) {
    String grade = NO_GRADE;
    List<String> serious = new ArrayList<>();
    for (JsonNode each : findings) {
      String id = each.path("id").asText();
      String said = id + ": " + each.path("finding").asText();
      if (id.equals("overall_grade")) {
        grade = each.path("finding").asText();
      } else if (SERIOUS.contains(each.path("severity").asText())
          && NOT_OURS.stream().noneMatch(id::startsWith)) {
        serious.add(said);
      }
    }
    System.out.println("testssl.sh: grade " + grade + ", serious: " + serious);
    assertThat(grade).as(printed).matches(NO_GRADE + "|A.*");
    assertThat(serious).as(printed).isEmpty();
  }
}
