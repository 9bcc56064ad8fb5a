package dev.lockstep.agent.proxy.suite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.core.config.RouterConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The conformance suite h2spec against the data plane, over TLS. The program is Linux's, out of the
 * Maven plugin that brings it.
 */
@Tag("conformance")
class H2specTest {
  private static final String PROGRAM = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";

  /** Cases that fail, by their section and number; docs/request.md says why. */
  private static final List<String> KNOWN = List.of("5.1.1/2", "5.1/12", "5.1/6");

  private static final Pattern TOTAL =
      Pattern.compile("(\\d+) tests, (\\d+) passed, 0 skipped, (\\d+) failed");
  private static final Pattern SECTION = Pattern.compile("^ +([0-9.]+)\\. .*");
  private static final Pattern FAILED = Pattern.compile("^ +× (\\d+): .*");

  @TempDir Path folder;

  @Test
  void allButTheKnownCasesPass() throws Exception {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = new RunningProxy()) {
      RouterConfig config = Configs.to("localhost", backend.endpoint());
      proxy.serve(Configs.tls(config, "localhost", TestCertificate.of("any", "localhost")));
      String report = run(proxy.https().getPort());
      Matcher total = TOTAL.matcher(report);
      assertThat(total.find()).as(report).isTrue();
      System.out.println("h2spec: " + total.group());
      assertThat(KNOWN).as(report).containsAll(failures(report));
      assertThat(Integer.parseInt(total.group(2))).isGreaterThanOrEqualTo(142);
    }
  }

  private String run(int port) throws IOException, InterruptedException {
    Path archive = folder.resolve("h2spec.tar.gz");
    try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream(PROGRAM))) {
      Files.copy(in, archive);
    }
    command("tar", "-xzf", archive.toString(), "-C", folder.toString());
    return command(
        folder.resolve("h2spec").toString(),
        "--host=localhost",
        "--port=" + port,
        "--tls",
        "--insecure",
        "--timeout=5");
  }

  private static String command(String... words) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return printed;
  }

  /** {@return the cases that the last part of the report lists, as section and number} */
  private static TreeSet<String> failures(String report) {
    TreeSet<String> failures = new TreeSet<>();
    String section = "";
    for (String line : report.substring(Math.max(0, report.indexOf("Failures:"))).split("\n")) {
      Matcher heading = SECTION.matcher(line);
      Matcher failed = FAILED.matcher(line);
      if (heading.matches()) {
        section = heading.group(1);
      } else if (failed.matches()) {
        failures.add(section + "/" + failed.group(1));
      }
    }
    return failures;
  }
}
