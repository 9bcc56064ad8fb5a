package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.backend.Claim;
import dev.lockstep.agent.proxy.backend.Upstream;
import dev.lockstep.agent.proxy.health.EndpointOrder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An exchange, as its way to a connection sees it. Confined to the event loop. */
final class ExchangeClaimant implements Claim.Claimant {
  private final Exchange exchange;
  private final Client client;
  private final Worker worker;

  ExchangeClaimant(Exchange exchange, Client client, Worker worker) {
    this.exchange = exchange;
    this.client = client;
    this.worker = worker;
  }

  @Override
  public void tries(String address, int port) {
    exchange.notes().tries(address, port);
  }

  @Override
  public void granted(Upstream way) {
    exchange.send(way);
    client.continueBody();
  }

  @Override
  public void grantedLater(Upstream way) {
    if (worker.isAwake()) {
      granted(way);
      exchange.flush();
    } else {
      // Paused meanwhile: nothing has been sent, and nothing old may be.
      way.park();
      exchange.letGo();
      client.answerAndClose(Answer.REFUSED);
    }
  }

  @Override
  public void refused(Claim.Refusal why) {
    exchange.giveUp(Answer.of(why));
  }

  @Override
  public void expect(Duration atMost) {
    client.timer().set(atMost);
  }

  @Override
  public long client() {
    return EndpointOrder.hash(client.claims().address());
  }

  @Override
  public @Nullable String cookie(String name) {
    return client.request().cookie(name);
  }
}
