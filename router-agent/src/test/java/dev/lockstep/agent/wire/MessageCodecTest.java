package dev.lockstep.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Message;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessageCodecTest {
  private final MessageCodec codec = new MessageCodec();

  static List<Messages.Sample> samples() {
    return Messages.ALL;
  }

  @Test
  void theSamplesCoverEveryMessage() {
    Set<Class<?>> all =
        Stream.of(Message.FromFollower.class, Message.FromLeader.class)
            .flatMap(side -> Arrays.stream(side.getPermittedSubclasses()))
            .collect(Collectors.toSet());

    Set<Class<?>> covered =
        Messages.ALL.stream()
            .map(sample -> sample.message().getClass())
            .collect(Collectors.toSet());

    assertThat(covered).isEqualTo(all);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void messagesHaveTheTextOfTheProtocol(Messages.Sample sample) {
    assertThat(codec.encode(sample.message()).text()).isEqualTo(sample.json());
    assertThat(codec.decode(sample.json())).isEqualTo(new Decoded.Understood(sample.message()));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void fieldsOfANewerReplicaAreIgnored(Messages.Sample sample) {
    String more = sample.json().replaceFirst("\\{", "{\"new\":{\"deep\":[1,2]},");

    assertThat(codec.decode(more)).isEqualTo(new Decoded.Understood(sample.message()));
  }

  @Test
  void aTypeOfANewerReplicaIsNamedAndNotAFault() {
    assertThat(codec.decode("{\"type\":\"gossip\",\"epoch\":\"strange\"}"))
        .isEqualTo(new Decoded.UnknownType("gossip"));
  }

  @Test
  void pushesRoundTrip() {
    for (long seed = 0; seed < 200; seed++) {
      RandomConfigs random = new RandomConfigs(seed);
      Snapshot from = Snapshot.of(new Version(1), random.config(20));
      Snapshot to = Snapshot.of(new Version(5), random.changed(from.config()));
      Message push = new Message.Push(Messages.E, from.deltaTo(to));

      assertThat(codec.decode(codec.encode(push).text()))
          .as("seed %d", seed)
          .isEqualTo(new Decoded.Understood(push));
    }
  }

  @Test
  void aPushBeyondThisBuildBecomesANack() {
    String push =
        """
        {"type":"push","epoch":7,"delta":{"base":40,"target":42,"digest":"%s",
         "puts":[{"kind":"grpc-route","host":"a"}],"removals":[]}}\
        """
            .formatted(Messages.DIGEST);

    assertThat(codec.decode(push))
        .isEqualTo(
            new Decoded.Unservable(
                Messages.E,
                Messages.V,
                List.of(
                    new ConfigProblem("push", "kind: this build does not know it: grpc-route"))));
  }

  @Test
  void aPushThatGoesToManyIsWrittenOnce() {
    Message push = Messages.ALL.get(8).message();
    Encoded first = codec.encode(push);

    assertThat(codec.encode(push)).isSameAs(first);
    for (int i = 0; i < 4; i++) {
      codec.encode(new Message.Push(Messages.E, ((Message.Push) push).delta()));
    }
    assertThat(codec.encode(push)).isEqualTo(first).isNotSameAs(first);
  }

  @Test
  void aNackIsCutToWhatReadersTake() {
    String endless = "x".repeat(100_000);
    Message nack =
        new Message.Nack(
            Messages.E,
            Messages.V,
            Collections.nCopies(5_000, new ConfigProblem(endless, endless)));

    Decoded decoded = codec.decode(codec.encode(nack).text());

    Message.Nack read = (Message.Nack) ((Decoded.Understood) decoded).message();
    assertThat(read.problems()).hasSize(64);
    assertThat(read.problems().getLast().reason()).isEqualTo("and 4937 more problems");
  }

  @Test
  void textForLogsShowsNoKeys() {
    RandomConfigs random = new RandomConfigs(1);
    RouterConfig config = random.config(100);
    Snapshot to = Snapshot.of(Messages.V, config);
    Message push = new Message.Push(Messages.E, Snapshot.NONE.deltaTo(to));
    Encoded encoded = codec.encode(push);

    assertThat(encoded.text()).contains(RandomConfigs.KEY_MARK);
    assertThat(encoded.toString() + push + to).doesNotContain(RandomConfigs.KEY_MARK);
  }

  record Hostile(String name, String text) {}

  static List<Hostile> hostile() {
    String ack = "{\"type\":\"ack\",\"epoch\":7,\"version\":42,\"digest\":\"%s\"}";
    return List.of(
        // Not one JSON object.
        new Hostile("nothing", ""),
        new Hostile("white space", "  \n"),
        new Hostile("a number", "17"),
        new Hostile("a list", "[{\"type\":\"bye\",\"epoch\":1}]"),
        new Hostile("null", "null"),
        new Hostile("cut off", "{\"type\":\"bye\",\"epoch\":"),
        new Hostile("two objects", "{\"type\":\"bye\",\"epoch\":1}{}"),
        new Hostile("deep", "[".repeat(10_000)),
        new Hostile("deep objects", "{\"type\":".repeat(10_000)),
        new Hostile("a field twice", "{\"type\":\"bye\",\"type\":\"resync\",\"epoch\":1}"),
        new Hostile("a long name", "{\"" + "n".repeat(10_000) + "\":1}"),
        new Hostile("NaN", "{\"type\":\"bye\",\"epoch\":NaN}"),
        // Fields of the wrong kind.
        new Hostile("no type", "{\"epoch\":1}"),
        new Hostile("type null", "{\"type\":null,\"epoch\":1}"),
        new Hostile("type a number", "{\"type\":5,\"epoch\":1}"),
        new Hostile("no epoch", "{\"type\":\"bye\"}"),
        new Hostile("epoch negative", "{\"type\":\"bye\",\"epoch\":-1}"),
        new Hostile("epoch a fraction", "{\"type\":\"bye\",\"epoch\":1.5}"),
        new Hostile("epoch too large", "{\"type\":\"bye\",\"epoch\":9223372036854775808}"),
        new Hostile("epoch endless", "{\"type\":\"bye\",\"epoch\":" + "9".repeat(5000) + "}"),
        new Hostile("epoch text", "{\"type\":\"bye\",\"epoch\":\"1\"}"),
        new Hostile("digest short", ack.formatted("ab")),
        new Hostile("digest upper case", ack.formatted("A".repeat(64))),
        new Hostile("digest of other digits", ack.formatted("٣".repeat(64))),
        // Bounds.
        new Hostile("text too long", "{\"type\":\"" + "t".repeat(3000) + "\"}"),
        new Hostile(
            "too many problems",
            "{\"type\":\"nack\",\"epoch\":1,\"version\":1,\"problems\":["
                + "{\"subject\":\"a\",\"reason\":\"b\"},".repeat(64)
                + "{\"subject\":\"a\",\"reason\":\"b\"}]}"),
        new Hostile(
            "a welcome whose sources are no objects",
            "{\"type\":\"welcome\",\"epoch\":1,\"alias\":\"a\",\"version\":1,\"digest\":\""
                + Messages.DIGEST
                + "\",\"sources\":[1]}"),
        new Hostile(
            "a push that does not say where it leads",
            "{\"type\":\"push\",\"epoch\":1,\"delta\":{\"base\":1}}"));
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void whatIsNoMessageIsUnreadable(Hostile hostile) {
    assertThat(codec.decode(hostile.text())).isInstanceOf(Decoded.Unreadable.class);
  }

  @Test
  void anUnknownStandingIsUnreadable() {
    String reply = Messages.ALL.get(9).json().replace("in-sync", "in-limbo");

    assertThat(codec.decode(reply))
        .isEqualTo(new Decoded.Unreadable("standing: unknown value in-limbo"));
  }

  @Test
  void damagedTextNeverThrows() {
    for (long seed = 0; seed < 3_000; seed++) {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      String text = Messages.ALL.get(random.nextInt(Messages.ALL.size())).json();
      StringBuilder damaged = new StringBuilder(text);
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged.setCharAt(random.nextInt(damaged.length()), (char) random.nextInt(0x250));
      }
      damaged.setLength(damaged.length() - random.nextInt(3));

      assertThat(codec.decode(damaged.toString())).isNotNull();
    }
  }
}
