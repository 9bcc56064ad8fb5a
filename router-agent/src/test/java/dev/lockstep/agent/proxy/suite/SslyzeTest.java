package dev.lockstep.agent.proxy.suite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.TestCertificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * SSLyze against the TLS port: whether it is what Mozilla calls "intermediate", and the known
 * weaknesses of implementations (Heartbleed, ROBOT, CCS injection, renegotiation, compression).
 */
@Tag("conformance")
class SslyzeTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String HOST = "localhost";
  private static final Pattern VERDICT =
      Pattern.compile(HOST + ":\\d+: (OK - Compliant|FAILED - Not compliant)");
  private static final Pattern ISSUE = Pattern.compile("(?m)^ +\\* (\\w+): ");

  /** Of the test's certificate, which signs itself, and for years. */
  private static final Set<String> NOT_OURS =
      Set.of("certificate_path_validation", "maximum_certificate_lifespan");

  @Test
  void isWhatMozillaCallsIntermediate() {
    String program = Program.find("sslyze", "pip install sslyze");
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = new RunningProxy()) {
      var config = Configs.to(HOST, backend.endpoint());
      proxy.serve(Configs.tls(config, HOST, TestCertificate.of("web", HOST)));
      String target = HOST + ":" + proxy.https().getPort() + "{127.0.0.1}";
      List<String> words = List.of(program, "--mozilla_config=intermediate", target);
      try (Program run = Program.start(words)) {
        judge(String.join("\n", run.lines(LIMIT)));
      }
    }
  }

  private static void judge(String printed) {
    assertThat(VERDICT.matcher(printed).find()).as(printed).isTrue();
    List<String> names = ISSUE.matcher(printed).results().map(it -> it.group(1)).toList();
    System.out.println("SSLyze: intermediate, but for " + names);
    assertThat(names).as(printed).isSubsetOf(NOT_OURS);
  }
}
