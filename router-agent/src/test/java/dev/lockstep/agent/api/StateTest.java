package dev.lockstep.agent.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the state calls say about replicas in different states, and what nothing ever says. */
@Timeout(60)
class StateTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RunningApi api;

  @BeforeEach
  void start() {
    api = RunningApi.of(Views.leader());
  }

  @AfterEach
  void stop() {
    api.close();
  }

  /** The example of the first published description: two of three still miss service2. */
  @Test
  void versionsHaveThePublishedShape() throws IOException {
    serve(new Version(11), "service1");
    serve(Views.CURRENT, "service1", "service2");
    show(
        Views.member(1, ReplicaView.MemberState.LEADER, Views.CURRENT),
        Views.member(2, ReplicaView.MemberState.LAGGING, new Version(11)),
        Views.member(3, ReplicaView.MemberState.LAGGING, new Version(11)));
    api.replica.show(
        Views.with(api.replica.view(), Views.CURRENT, Views.config("service1", "service2")));
    await()
        .untilAsserted(
            () ->
                assertThat(json("/v1/versions"))
                    .isEqualTo(
                        JSON.readTree(
                            """
                            {"versions": {
                              "router1": ["shop/service1", "shop/service2"],
                              "router2": ["shop/service1"],
                              "router3": ["shop/service1"]}}
                            """)));
  }

  @Test
  void nothingIsVouchedForOfAVersionThatIsNotRemembered() throws IOException {
    show(Views.member(3, ReplicaView.MemberState.LAGGING, new Version(2)));
    assertThat(json("/v1/versions").at("/versions/router3")).isEmpty();
  }

  @Test
  void onlySoManyVersionsAreRemembered() throws IOException {
    for (int version = 1; version <= ConfigHistory.KEPT + 1; version++) {
      serve(new Version(version), "web");
    }
    show(
        Views.member(2, ReplicaView.MemberState.LAGGING, new Version(1)),
        Views.member(3, ReplicaView.MemberState.LAGGING, new Version(3)));
    await()
        .untilAsserted(() -> assertThat(json("/v1/versions").at("/versions/router3")).hasSize(1));
    assertThat(json("/v1/versions").at("/versions/router2")).isEmpty();
  }

  @Test
  void replicaIsShownWithAllThatIsKnownOfIt() throws IOException {
    JsonNode laggard = json("/v1/replicas").at("/replicas/2");
    assertThat(laggard)
        .isEqualTo(
            JSON.readTree(
                """
                {"name": "router3", "pod": "lockstep-3", "uid": "uid-3", "node": "node-3",
                 "role": "follower", "state": "lagging", "version": 11, "lag": 1,
                 "ackedAt": null, "lastNack": "disk full", "reason": "no ack for 4 s",
                 "http": "http://10.1.0.3:8080", "https": "https://10.1.0.3:8443",
                 "api": "http://10.1.0.3:8090"}
                """));
    JsonNode leader = json("/v1/replicas").at("/replicas/0");
    assertThat(leader.get("role").asText()).isEqualTo("leader");
    assertThat(leader.get("ackedAt").asText()).endsWith("Z");
  }

  @Test
  void replicaThatMayNotTakeRequestsIsNotReady() {
    for (ReplicaView.Readiness readiness :
        List.of(ReplicaView.Readiness.SYNCING, ReplicaView.Readiness.DRAINING)) {
      api.replica.show(Views.with(Views.leader(), readiness));
      assertThat(api.get("/readyz").statusCode()).isEqualTo(503);
      assertThat(api.get("/readyz").body()).contains(Json.word(readiness));
      assertThat(api.get("/livez").statusCode()).isEqualTo(200);
    }
  }

  /**
   * Rule P47: whoever is sent here because it is ready is served by each event loop it may meet.
   */
  @Test
  void replicaIsNotReadyBeforeItsDataPlaneTakesRequests() {
    assertThat(api.get("/readyz").statusCode()).isEqualTo(200);
    assertThat(api.get("/metrics").body()).contains("lockstep_ready 1.0");
    api.replica.hesitate();
    assertThat(api.get("/readyz").statusCode()).isEqualTo(503);
    assertThat(api.get("/readyz").body()).contains("syncing");
    assertThat(api.get("/metrics").body()).contains("lockstep_ready 0.0");
  }

  @Test
  void replicaWhoseLoopStandsStillIsNotAlive() {
    api.replica.stall(Duration.ofSeconds(11));
    assertThat(api.get("/livez").statusCode()).isEqualTo(503);
    api.replica.stall(Duration.ofSeconds(9));
    assertThat(api.get("/livez").statusCode()).isEqualTo(200);
  }

  @Test
  void privateKeyIsInNoOutput() {
    assertThat(api.replica.view().config().entries().toString() + Views.KEY_BYTES)
        .contains(Views.KEY_BYTES);
    for (Endpoint endpoint : api.server.endpoints()) {
      if (!endpoint.path().equals("/v1/events")) {
        String body = api.get(endpoint.path().replace(":version", "0")).body();
        assertThat(body).doesNotContain(Views.KEY_BYTES).doesNotContain("PRIVATE KEY");
      }
    }
    assertThat(api.get("/v1/config").body()).contains(Digest.of("leaf").hex());
  }

  private void serve(Version version, String... services) {
    api.replica.show(Views.with(api.replica.view(), version, Views.config(services)));
    api.replica.announce(new Effect.Served(version, api.replica.view().digest()));
  }

  private void show(ReplicaView.Member... members) {
    api.replica.show(Views.leader(List.of(members)));
  }

  private JsonNode json(String path) throws IOException {
    return JSON.readTree(api.get(path).body());
  }
}
