package dev.lockstep.agent.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.PodId;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatusBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What proves which pod somebody is, and what does not. */
final class TokenReviewsTest {
  private static final KubernetesSettings SETTINGS =
      new KubernetesSettings(
          Optional.empty(),
          "mesh",
          "lockstep-a",
          "router",
          "lockstep",
          "a=b",
          "c",
          Optional.empty());
  private static final Map<String, List<String>> BOUND =
      Map.of(
          "authentication.kubernetes.io/pod-name", List.of("lockstep-b"),
          "authentication.kubernetes.io/pod-uid", List.of("uid-b"));

  private record Shape(String token, boolean expected) {}

  @Test
  void onlyWhatLooksLikeATokenIsAskedAbout() {
    List<Shape> table =
        List.of(
            new Shape("aA0-_.bB1.cC2", true),
            new Shape("", false),
            new Shape("a.b", false),
            new Shape("a.b.c.d", false),
            new Shape("a..c", false),
            new Shape("a.b.c=", false),
            new Shape("a.b c.d", false),
            new Shape("a.b.é", false),
            new Shape("a.b." + "c".repeat(20_000), false));
    for (Shape row : table) {
      assertThat(TokenReviews.isShapedLikeToken(row.token)).as(row.token).isEqualTo(row.expected);
    }
  }

  @Test
  void aTokenOfOurAccountForTheMeshBoundToAPodIsGenuine() {
    assertThat(judge("system:serviceaccount:mesh:router", List.of("lockstep.dev/mesh"), BOUND))
        .isEqualTo(new TokenVerdict.Verified(new PodId("lockstep-b", "uid-b")));
  }

  @Test
  void anythingElseIsRefused() {
    List<String> mesh = List.of("lockstep.dev/mesh");
    String account = "system:serviceaccount:mesh:router";
    assertThat(
            List.of(
                judge(account, List.of(), BOUND),
                judge(account, List.of("https://kubernetes.default.svc"), BOUND),
                judge("system:serviceaccount:other:router", mesh, BOUND),
                judge("system:serviceaccount:mesh:other", mesh, BOUND),
                judge(account, mesh, Map.of()),
                judge(
                    account,
                    mesh,
                    Map.of("authentication.kubernetes.io/pod-name", List.of("lockstep-b"))),
                reviews().judge(new TokenReviewStatus()),
                reviews().judge(new TokenReviewStatusBuilder().withAuthenticated(false).build())))
        .allSatisfy(verdict -> assertThat(verdict).isInstanceOf(TokenVerdict.Refused.class));
  }

  private static TokenVerdict judge(
      String user, List<String> audiences, Map<String, List<String>> extra) {
    return reviews()
        .judge(
            new TokenReviewStatusBuilder()
                .withAuthenticated(true)
                .withAudiences(audiences)
                .withNewUser()
                .withUsername(user)
                .withExtra(extra)
                .endUser()
                .build());
  }

  private static TokenReviews reviews() {
    var client = new KubernetesClientBuilder().withConfig(Config.empty()).build();
    return new TokenReviews(client, SETTINGS, System::nanoTime);
  }
}
