package dev.lockstep.agent.wire;

import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.List;
import java.util.Optional;

/** Messages from JSON. Throws {@link WireFault} for what is no message. */
final class MessageReader {
  private MessageReader() {}

  static Decoded read(Fields fields) {
    String type = fields.name("type");
    return switch (type) {
      case "hello" -> understood(hello(fields));
      case "ack" ->
          understood(
              new Message.Ack(
                  fields.epoch("epoch"), fields.version("version"), fields.digest("digest")));
      case "nack" -> understood(nack(fields));
      case "checked" -> understood(new Message.Checked(fields.epoch("epoch")));
      case "resync" -> understood(new Message.Resync(fields.epoch("epoch")));
      case "heartbeat" -> understood(heartbeat(fields));
      case "bye" -> understood(new Message.Bye(fields.epoch("epoch")));
      case "welcome" -> understood(welcome(fields));
      case "push" -> push(fields);
      case "heartbeat-reply" -> understood(heartbeatReply(fields));
      case "moved" ->
          understood(
              new Message.Moved(
                  fields.epoch("epoch"), fields.optionalName("successor").map(ReplicaId::parse)));
      default -> new Decoded.UnknownType(type.length() <= 40 ? type : type.substring(0, 40));
    };
  }

  private static Decoded understood(Message message) {
    return new Decoded.Understood(message);
  }

  private static Message hello(Fields fields) {
    return new Message.Hello(
        ReplicaId.parse(fields.name("replica")),
        pod(fields.object("pod")),
        fields.epoch("epochSeen"),
        fields.version("versionSeen"),
        fields.version("applied"),
        fields.digest("digest"),
        address(fields.object("address")),
        fields.name("build"));
  }

  private static Message nack(Fields fields) {
    return new Message.Nack(
        fields.epoch("epoch"),
        fields.version("version"),
        fields.objects("problems", WireLimits.PROBLEMS, MessageReader::problem));
  }

  private static ConfigProblem problem(Fields fields) {
    return new ConfigProblem(
        fields.text("subject", WireLimits.SENTENCE), fields.text("reason", WireLimits.SENTENCE));
  }

  private static Message heartbeat(Fields fields) {
    return new Message.Heartbeat(
        fields.epoch("epoch"),
        fields.number("sequence"),
        fields.number("answered"),
        fields.version("version"),
        fields.digest("digest"));
  }

  private static Message welcome(Fields fields) {
    return new Message.Welcome(
        fields.epoch("epoch"),
        fields.name("alias"),
        fields.version("version"),
        fields.digest("digest"),
        fields.objects("sources", WireLimits.REPLICAS, MessageReader::address),
        fields.has("leader") ? Optional.of(identity(fields.object("leader"))) : Optional.empty());
  }

  private static Identity identity(Fields fields) {
    return new Identity(
        ReplicaId.parse(fields.name("replica")),
        pod(fields.object("pod")),
        address(fields.object("address")),
        fields.name("build"));
  }

  private static PodId pod(Fields fields) {
    return new PodId(fields.name("name"), fields.name("uid"));
  }

  /** What says which push it is must be readable; what it holds may be beyond this build. */
  private static Decoded push(Fields fields) {
    Epoch epoch = fields.epoch("epoch");
    Fields delta = fields.object("delta");
    Version target = delta.version("target");
    try {
      return understood(new Message.Push(epoch, ConfigCodec.delta(delta)));
    } catch (WireFault e) {
      return unservable(epoch, target, e.reason());
    } catch (IllegalArgumentException e) {
      return unservable(epoch, target, "a value is out of its range");
    }
  }

  private static Decoded unservable(Epoch epoch, Version target, String reason) {
    return new Decoded.Unservable(epoch, target, List.of(new ConfigProblem("push", reason)));
  }

  private static Message heartbeatReply(Fields fields) {
    return new Message.HeartbeatReply(
        fields.epoch("epoch"),
        fields.number("sequence"),
        fields.version("version"),
        fields.digest("digest"),
        fields.parsed("standing", MessageReader::standing),
        fields.parsed("api", MessageReader::access),
        fields.number("leaseResourceVersion"),
        fields.texts(
            "successors", WireLimits.REPLICAS, text -> Optional.of(ReplicaId.parse(text))));
  }

  private static Address address(Fields fields) {
    return new Address(
        fields.name("mesh"),
        fields.name("spkiSha256"),
        fields.name("http"),
        fields.name("https"),
        fields.name("api"));
  }

  private static Optional<Message.Standing> standing(String name) {
    return switch (name) {
      case "joining" -> Optional.of(Message.Standing.JOINING);
      case "in-sync" -> Optional.of(Message.Standing.IN_SYNC);
      case "fenced" -> Optional.of(Message.Standing.FENCED);
      default -> Optional.empty();
    };
  }

  private static Optional<Message.ApiAccess> access(String name) {
    return switch (name) {
      case "confirmed" -> Optional.of(Message.ApiAccess.CONFIRMED);
      case "suspended" -> Optional.of(Message.ApiAccess.SUSPENDED);
      default -> Optional.empty();
    };
  }
}
