package dev.lockstep.agent.wire;

import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Delta;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.List;
import java.util.Optional;

/** One message of every type, and the text that an implementation of any year must understand. */
final class Messages {
  static final String DIGEST = "0123456789abcdef".repeat(4);
  static final Digest D = new Digest(DIGEST);
  static final Epoch E = new Epoch(7);
  static final Version V = new Version(42);
  static final Address ADDRESS =
      new Address(
          "https://10.0.0.1:9444",
          "cGlu",
          "http://10.0.0.1:8080",
          "https://10.0.0.1:8443",
          "http://10.0.0.1:9080");

  private static final String ADDRESS_JSON =
      """
      {"mesh":"https://10.0.0.1:9444","spkiSha256":"cGlu","http":"http://10.0.0.1:8080",\
      "https":"https://10.0.0.1:8443","api":"http://10.0.0.1:9080"}\
      """;

  record Sample(Message message, String json) {}

  static final List<Sample> ALL =
      List.of(
          new Sample(
              new Message.Hello(
                  new ReplicaId("router-abc", "b1"),
                  new PodId("router-abc", "uid-1"),
                  E,
                  V,
                  new Version(41),
                  D,
                  ADDRESS,
                  "1.2.3"),
              """
              {"type":"hello","replica":"router-abc/b1","pod":{"name":"router-abc","uid":"uid-1"},\
              "epochSeen":7,"versionSeen":42,"applied":41,"digest":"%s","address":%s,\
              "build":"1.2.3"}\
              """
                  .formatted(DIGEST, ADDRESS_JSON)),
          new Sample(
              new Message.Ack(E, V, D),
              """
              {"type":"ack","epoch":7,"version":42,"digest":"%s"}\
              """
                  .formatted(DIGEST)),
          new Sample(
              new Message.Nack(E, V, List.of(new ConfigProblem("certificate/a/b", "expired"))),
              """
              {"type":"nack","epoch":7,"version":42,"problems":[{"subject":"certificate/a/b",\
              "reason":"expired"}]}\
              """),
          new Sample(new Message.Checked(E), "{\"type\":\"checked\",\"epoch\":7}"),
          new Sample(new Message.Resync(E), "{\"type\":\"resync\",\"epoch\":7}"),
          new Sample(
              new Message.Heartbeat(E, 3, 2, V, D),
              """
              {"type":"heartbeat","epoch":7,"sequence":3,"answered":2,"version":42,"digest":"%s"}\
              """
                  .formatted(DIGEST)),
          new Sample(new Message.Bye(E), "{\"type\":\"bye\",\"epoch\":7}"),
          new Sample(
              new Message.Welcome(E, "router2", V, D, List.of(ADDRESS)),
              """
              {"type":"welcome","epoch":7,"alias":"router2","version":42,"digest":"%s",\
              "sources":[%s]}\
              """
                  .formatted(DIGEST, ADDRESS_JSON)),
          new Sample(
              new Message.Push(
                  E,
                  new Delta(
                      new Version(40),
                      V,
                      D,
                      new RouterConfig.Changes(List.of(), List.of("tls/a.example.com")))),
              """
              {"type":"push","epoch":7,"delta":{"base":40,"target":42,"digest":"%s","puts":[],\
              "removals":["tls/a.example.com"]}}\
              """
                  .formatted(DIGEST)),
          new Sample(
              new Message.HeartbeatReply(
                  E,
                  3,
                  V,
                  D,
                  Message.Standing.IN_SYNC,
                  Message.ApiAccess.SUSPENDED,
                  1234,
                  List.of(new ReplicaId("router-b", "x"))),
              """
              {"type":"heartbeat-reply","epoch":7,"sequence":3,"version":42,"digest":"%s",\
              "standing":"in-sync","api":"suspended","leaseResourceVersion":1234,\
              "successors":["router-b/x"]}\
              """
                  .formatted(DIGEST)),
          new Sample(
              new Message.Moved(E, Optional.of(new ReplicaId("router-b", "x"))),
              "{\"type\":\"moved\",\"epoch\":7,\"successor\":\"router-b/x\"}"),
          new Sample(new Message.Moved(E, Optional.empty()), "{\"type\":\"moved\",\"epoch\":7}"),
          new Sample(
              new Message.Welcome(
                  E,
                  "router2",
                  V,
                  D,
                  List.of(),
                  Optional.of(
                      new Identity(
                          new ReplicaId("router-abc", "b1"),
                          new PodId("router-abc", "uid-1"),
                          ADDRESS,
                          "1.2.3"))),
              """
              {"type":"welcome","epoch":7,"alias":"router2","version":42,"digest":"%s",\
              "sources":[],"leader":{"replica":"router-abc/b1",\
              "pod":{"name":"router-abc","uid":"uid-1"},"address":%s,"build":"1.2.3"}}\
              """
                  .formatted(DIGEST, ADDRESS_JSON)));

  private Messages() {}
}
