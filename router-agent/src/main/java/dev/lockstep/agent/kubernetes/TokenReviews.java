package dev.lockstep.agent.kubernetes;

import dev.lockstep.agent.kubernetes.source.Calls;
import dev.lockstep.core.protocol.PodId;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;

/**
 * Asks the API server which pod a token belongs to. Only a token made for this mesh (audience), for
 * our ServiceAccount, and bound to a pod proves anything.
 *
 * <p>What cannot be a token is refused without asking. A flood costs at most {@value
 * #CONCURRENT_REVIEWS} requests at a time and never pushes out what was verified: refusals are not
 * remembered. A token that was verified holds for a minute without asking again; whether its pod
 * still exists is for membership to know.
 *
 * <p>Thread-safe.
 */
final class TokenReviews {
  /** A token must be made for this audience, so that a mesh token opens nothing else. */
  static final String AUDIENCE = "lockstep.dev/mesh";

  private static final int CONCURRENT_REVIEWS = 16;
  private static final int WAITING_REVIEWS = 256;
  private static final int REMEMBERED = 1024;
  private static final int LONGEST_TOKEN = 16 * 1024;
  private static final Duration VALID = Duration.ofSeconds(60);
  private static final Duration DEADLINE = Duration.ofSeconds(15);
  private static final String POD_NAME = "authentication.kubernetes.io/pod-name";
  private static final String POD_UID = "authentication.kubernetes.io/pod-uid";

  private record Verified(TokenVerdict.Verified verdict, long at) {}

  private final KubernetesClient client;
  private final String username;
  private final LongSupplier nanoTime;
  private final Calls calls = new Calls(DEADLINE, event -> {});
  private final Semaphore places = new Semaphore(CONCURRENT_REVIEWS + WAITING_REVIEWS);
  private final Semaphore running = new Semaphore(CONCURRENT_REVIEWS);

  /** Oldest first. Guarded by itself. */
  private final LinkedHashMap<String, Verified> verified = new LinkedHashMap<>();

  TokenReviews(KubernetesClient client, KubernetesSettings settings, LongSupplier nanoTime) {
    this.client = client;
    this.username =
        "system:serviceaccount:" + settings.namespace() + ":" + settings.serviceAccount();
    this.nanoTime = nanoTime;
  }

  /** {@return what the API server says; it always comes, and never exceptionally} */
  CompletionStage<TokenVerdict> verify(String token) {
    if (!isShapedLikeToken(token)) {
      return CompletableFuture.completedFuture(new TokenVerdict.Refused("not a token"));
    }
    String key = hash(token);
    Optional<TokenVerdict> known = known(key);
    if (known.isPresent()) {
      return CompletableFuture.completedFuture(known.get());
    }
    if (!places.tryAcquire()) {
      return CompletableFuture.completedFuture(
          new TokenVerdict.Unavailable("too many tokens to review"));
    }
    return calls
        .start(() -> review(token))
        .handle(
            (verdict, thrown) -> {
              places.release();
              return thrown == null
                  ? remembered(key, verdict)
                  : new TokenVerdict.Unavailable(Calls.reason(thrown));
            });
  }

  private TokenVerdict review(String token) {
    // Interrupted at the deadline: then nobody waits for the verdict any more.
    running.acquireUninterruptibly();
    try {
      TokenReview request =
          new TokenReviewBuilder()
              .withNewSpec()
              .withToken(token)
              .withAudiences(AUDIENCE)
              .endSpec()
              .build();
      return judge(client.tokenReviews().create(request).getStatus());
    } finally {
      running.release();
    }
  }

  /** {@return what the answer proves} */
  TokenVerdict judge(TokenReviewStatus status) {
    if (!Boolean.TRUE.equals(status.getAuthenticated())) {
      return new TokenVerdict.Refused("the API server does not know the token");
    }
    if (!status.getAudiences().contains(AUDIENCE)) {
      // A server that ignores audiences leaves them out: then the token may be for anybody.
      return new TokenVerdict.Refused("the token is not for " + AUDIENCE);
    }
    UserInfo user = status.getUser();
    if (user == null || !username.equals(user.getUsername())) {
      return new TokenVerdict.Refused("the token is not of " + username);
    }
    String name = only(user.getExtra(), POD_NAME);
    String uid = only(user.getExtra(), POD_UID);
    if (name.isEmpty() || uid.isEmpty()) {
      return new TokenVerdict.Refused("the token is not bound to a pod");
    }
    return new TokenVerdict.Verified(new PodId(name, uid));
  }

  private static String only(Map<String, List<String>> extra, String key) {
    List<String> values = extra.getOrDefault(key, List.of());
    return values.size() == 1 ? values.getFirst() : "";
  }

  private Optional<TokenVerdict> known(String key) {
    synchronized (verified) {
      Verified found = verified.get(key);
      if (found == null) {
        return Optional.empty();
      }
      if (nanoTime.getAsLong() - found.at > VALID.toNanos()) {
        verified.remove(key);
        return Optional.empty();
      }
      return Optional.of(found.verdict);
    }
  }

  private TokenVerdict remembered(String key, TokenVerdict verdict) {
    if (verdict instanceof TokenVerdict.Verified genuine) {
      synchronized (verified) {
        verified.put(key, new Verified(genuine, nanoTime.getAsLong()));
        if (verified.size() > REMEMBERED) {
          verified.pollFirstEntry();
        }
      }
    }
    return verdict;
  }

  /** A JWT: three parts of base64url. What is in them is for the API server to judge. */
  static boolean isShapedLikeToken(String token) {
    if (token.length() > LONGEST_TOKEN) {
      return false;
    }
    String[] parts = token.split("\\.", 5);
    if (parts.length != 3) {
      return false;
    }
    for (String part : parts) {
      if (part.isEmpty() || !part.chars().allMatch(TokenReviews::isBase64Url)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isBase64Url(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }

  private static String hash(String token) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
