package dev.lockstep.agent.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The parsers and the route table read every stream of bytes like a model that is slow and obvious,
 * however the bytes are split on their way.
 *
 * <p>An input depends on its number alone. {@code -Dlockstep.fuzz.first} and {@code
 * -Dlockstep.fuzz.inputs} choose others; a failure names the number.
 */
class FuzzTest {
  private static final long FIRST = Long.getLong("lockstep.fuzz.first", 0);
  private static final long INPUTS = Long.getLong("lockstep.fuzz.inputs", 100_000);
  private static final long BLOCK = 1000;
  private static final HeadLimits SMALL = new HeadLimits(64, 256, 6);

  private final Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();

  /** One of them for each thread that reads inputs; the parsers are used again and again. */
  private final class Reader {
    private final RequestRun standard = new RequestRun(HeadLimits.STANDARD);
    private final RequestRun small = new RequestRun(SMALL);
    private final AnswerRun answers = new AnswerRun();

    void read(long number) {
      SplittableRandom random = new SplittableRandom(number * 0x9E3779B97F4A7C15L);
      if (random.nextInt(5) == 0) {
        readAnswer(number, random);
      } else {
        readRequest(number, random);
      }
    }

    private void readAnswer(long number, SplittableRandom random) {
      byte[] bytes = new HeadGrammar(random).answer();
      boolean toHead = random.nextInt(5) == 0;
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      String expected = PlainAnswer.describe(text, toHead);
      int[] whole = {bytes.length};
      check(number, text, expected, answers.describe(bytes, whole, toHead));
      int[] pieces = pieces(bytes.length, random);
      check(number, text, expected, answers.describe(bytes, pieces, toHead));
      count("answer, " + (expected.length() <= 5 ? expected : "read"));
    }

    private void readRequest(long number, SplittableRandom random) {
      byte[] bytes = new HeadGrammar(random).request();
      boolean isSmall = random.nextInt(8) == 0;
      RequestRun run = isSmall ? small : standard;
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      PlainRequest model = PlainRequest.read(text, isSmall ? SMALL : HeadLimits.STANDARD);
      String expected = describe(model, text);
      check(number, text, expected, run.describe(bytes, new int[] {bytes.length}));
      check(number, text, expected, run.describe(bytes, pieces(bytes.length, random)));
      if (model.isRead()) {
        PlainRoutes routes = ROUTES[random.nextInt(ROUTES.length)];
        check(
            number,
            text,
            routes.obvious(model.host(), model.path()),
            routes.compiled(run.request().authority().host(), run.request().target()));
      }
      count(kind(expected));
    }
  }

  private static final PlainRoutes[] ROUTES =
      LongStream.range(0, 200)
          .mapToObj(seed -> new PlainRoutes(new SplittableRandom(seed)))
          .toArray(PlainRoutes[]::new);

  private static String describe(PlainRequest model, String text) {
    boolean chunked = model.isRead() && model.isChunked();
    return model.describe()
        + (chunked ? PlainBody.describe(text.substring(model.length()), model.fields()) : "");
  }

  /** {@return where pieces end: single bytes, or a few pieces} */
  private static int[] pieces(int length, SplittableRandom random) {
    if (random.nextInt(4) == 0) {
      int[] single = new int[Math.max(1, length)];
      Arrays.setAll(single, i -> Math.min(length, i + 1));
      return single;
    }
    int[] ends = new int[1 + random.nextInt(6)];
    Arrays.setAll(ends, _ -> random.nextInt(length + 1));
    ends[ends.length - 1] = length;
    Arrays.sort(ends);
    return ends;
  }

  private static void check(long number, String text, String expected, String got) {
    if (!got.equals(expected)) {
      String form =
          "input %d: %s%nexpected: %s%nbut was: %s%n"
              + "replay: -Dlockstep.fuzz.first=%d -Dlockstep.fuzz.inputs=1";
      throw new AssertionError(
          form.formatted(number, escaped(text), escaped(expected), escaped(got), number));
    }
  }

  private static String escaped(String text) {
    StringBuilder out = new StringBuilder();
    text.chars()
        .forEach(c -> out.append(c >= ' ' && c < 0x7f ? "" + (char) c : "\\%03o".formatted(c)));
    return out.toString();
  }

  private static String kind(String expected) {
    int body = expected.lastIndexOf("body ");
    if (expected.length() <= 4) {
      return expected;
    }
    return body < 0 ? "served" : "chunked, " + expected.substring(body + 5).split(" ")[0];
  }

  private void count(String kind) {
    outcomes.computeIfAbsent(kind, _ -> new LongAdder()).increment();
  }

  @Test
  void parsersReadWhatTheModelReads() {
    LongStream.range(0, (INPUTS + BLOCK - 1) / BLOCK)
        .parallel()
        .forEach(
            block -> {
              Reader reader = new Reader();
              long end = Math.min(INPUTS, (block + 1) * BLOCK);
              for (long i = block * BLOCK; i < end; i++) {
                reader.read(FIRST + i);
              }
            });
    System.out.println("fuzz: " + INPUTS + " inputs " + new TreeMap<>(outcomes));
    if (INPUTS >= BLOCK) {
      // Inputs that are all refused for one reason would prove little.
      assertThat(outcomes)
          .containsKeys("400", "405", "414", "417", "431", "501", "505", "MORE", "served")
          .containsKeys("chunked, END", "chunked, FAULT", "chunked, MORE")
          .containsKeys("answer, read", "answer, FAULT", "answer, MORE");
    }
  }
}
