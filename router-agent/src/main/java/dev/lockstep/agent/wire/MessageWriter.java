package dev.lockstep.agent.wire;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.List;

/** Messages to JSON. */
final class MessageWriter {
  private MessageWriter() {}

  static ObjectNode toJson(Message message) {
    return switch (message) {
      case Message.Hello hello -> hello(hello);
      case Message.Ack ack ->
          of("ack", ack.epoch())
              .put("version", ack.version().value())
              .put("digest", ack.digest().hex());
      case Message.Nack nack -> nack(nack);
      case Message.Checked checked -> of("checked", checked.epoch());
      case Message.Resync resync -> of("resync", resync.epoch());
      case Message.Heartbeat heartbeat ->
          of("heartbeat", heartbeat.epoch())
              .put("sequence", heartbeat.sequence())
              .put("answered", heartbeat.answered())
              .put("version", heartbeat.version().value())
              .put("digest", heartbeat.digest().hex());
      case Message.Bye bye -> of("bye", bye.epoch());
      case Message.Welcome welcome -> welcome(welcome);
      case Message.Push push ->
          of("push", push.epoch()).set("delta", ConfigCodec.toJson(push.delta()));
      case Message.HeartbeatReply reply -> heartbeatReply(reply);
      case Message.Moved moved -> moved(moved);
    };
  }

  private static ObjectNode of(String type, Epoch epoch) {
    return Json.object().put("type", type).put("epoch", epoch.value());
  }

  private static ObjectNode hello(Message.Hello hello) {
    ObjectNode json = Json.object().put("type", "hello").put("replica", hello.replica().toString());
    json.set("pod", pod(hello.pod()));
    json.put("epochSeen", hello.epochSeen().value())
        .put("versionSeen", hello.versionSeen().value())
        .put("applied", hello.applied().value())
        .put("digest", hello.digest().hex());
    json.set("address", address(hello.address()));
    return json.put("build", hello.build());
  }

  /** Cuts what a reader would refuse: the first problems say enough. */
  private static ObjectNode nack(Message.Nack nack) {
    ObjectNode json = of("nack", nack.epoch()).put("version", nack.version().value());
    ArrayNode problems = json.putArray("problems");
    List<ConfigProblem> all = nack.problems();
    boolean tooMany = all.size() > WireLimits.PROBLEMS;
    for (ConfigProblem problem : tooMany ? all.subList(0, WireLimits.PROBLEMS - 1) : all) {
      addProblem(problems, problem);
    }
    if (tooMany) {
      int more = all.size() - WireLimits.PROBLEMS + 1;
      addProblem(problems, new ConfigProblem("config", "and " + more + " more problems"));
    }
    return json;
  }

  private static void addProblem(ArrayNode problems, ConfigProblem problem) {
    problems
        .addObject()
        .put("subject", cut(problem.subject()))
        .put("reason", cut(problem.reason()));
  }

  private static String cut(String sentence) {
    return sentence.length() <= WireLimits.SENTENCE
        ? sentence
        : sentence.substring(0, WireLimits.SENTENCE - 1) + "…";
  }

  private static ObjectNode welcome(Message.Welcome welcome) {
    ObjectNode json =
        of("welcome", welcome.epoch())
            .put("alias", welcome.alias())
            .put("version", welcome.version().value())
            .put("digest", welcome.digest().hex());
    ArrayNode sources = json.putArray("sources");
    welcome.sources().stream()
        .limit(WireLimits.REPLICAS)
        .forEach(source -> sources.add(address(source)));
    welcome.leader().ifPresent(leader -> json.set("leader", identity(leader)));
    return json;
  }

  private static ObjectNode pod(PodId pod) {
    return Json.object().put("name", pod.name()).put("uid", pod.uid());
  }

  private static ObjectNode identity(Identity identity) {
    ObjectNode json = Json.object().put("replica", identity.replica().toString());
    json.set("pod", pod(identity.pod()));
    json.set("address", address(identity.address()));
    return json.put("build", identity.build());
  }

  private static ObjectNode heartbeatReply(Message.HeartbeatReply reply) {
    ObjectNode json =
        of("heartbeat-reply", reply.epoch())
            .put("sequence", reply.sequence())
            .put("version", reply.version().value())
            .put("digest", reply.digest().hex())
            .put("standing", standingName(reply.standing()))
            .put("api", accessName(reply.api()))
            .put("leaseResourceVersion", reply.leaseResourceVersion());
    ArrayNode successors = json.putArray("successors");
    reply.successors().stream()
        .limit(WireLimits.REPLICAS)
        .map(ReplicaId::toString)
        .forEach(successors::add);
    return json;
  }

  private static ObjectNode moved(Message.Moved moved) {
    ObjectNode json = of("moved", moved.epoch());
    moved.successor().ifPresent(successor -> json.put("successor", successor.toString()));
    return json;
  }

  private static ObjectNode address(Address address) {
    return Json.object()
        .put("mesh", address.mesh())
        .put("spkiSha256", address.spkiSha256())
        .put("http", address.http())
        .put("https", address.https())
        .put("api", address.api());
  }

  private static String standingName(Message.Standing standing) {
    return switch (standing) {
      case JOINING -> "joining";
      case IN_SYNC -> "in-sync";
      case FENCED -> "fenced";
    };
  }

  private static String accessName(Message.ApiAccess access) {
    return switch (access) {
      case CONFIRMED -> "confirmed";
      case SUSPENDED -> "suspended";
    };
  }
}
