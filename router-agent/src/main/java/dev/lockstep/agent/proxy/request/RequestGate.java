package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.http.Authority;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.tls.BackendContexts;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.routing.Endpoints;
import dev.lockstep.core.routing.HostRules;
import dev.lockstep.core.routing.RouteMatch;
import dev.lockstep.core.routing.RouteTable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides about a request: refused, answered, or forwarded and where to. What was looked up for the
 * host is kept while table and host stay the same, as they do on most connections.
 *
 * <p>Confined to the event loop of its connection.
 */
public final class RequestGate {

  /** What happens to a request. */
  sealed interface Decision permits Answer, Forward {}

  /**
   * It goes to a backend.
   *
   * @param policy of its route
   * @param endpoints to choose from, not empty
   * @param place where in their round to begin
   * @param tls what connections begin with; absent if they are in the clear
   */
  record Forward(RoutePolicy policy, Endpoints endpoints, int place, Optional<BackendContexts> tls)
      implements Decision {}

  private final Worker worker;
  private final ClientClaims client;
  private final Optional<Certificate.Id> certificate;
  private @Nullable RouteTable knownTable;
  private String knownHost = "";
  private @Nullable HostRules rules;
  private boolean misdirected;

  /** Decides about the requests of a connection that was opened with this certificate, if any. */
  public RequestGate(Worker worker, ClientClaims client, Optional<Certificate.Id> certificate) {
    this.worker = worker;
    this.client = client;
    this.certificate = certificate;
  }

  /** {@return who sends the requests} */
  public ClientClaims client() {
    return client;
  }

  Decision decide(RequestHead request) {
    RouteTable table = worker.table();
    know(table, request.authority());
    if (misdirected) {
      return Answer.MISDIRECTED;
    }
    HostRules known = rules;
    if (known == null) {
      return Answer.NO_HOST;
    }
    return switch (known.match(request.target())) {
      case RouteMatch.Missing _ -> Answer.NO_PATH;
      case RouteMatch.Found found -> admit(table, request, found);
    };
  }

  private void know(RouteTable table, Authority authority) {
    if (table == knownTable && authority.host().equals(knownHost)) {
      return;
    }
    knownTable = table;
    knownHost = authority.host();
    rules = table.host(knownHost).orElse(null);
    // A connection may serve the hosts of its own certificate only (RFC 9110 7.4): else a request
    // for one tenant could travel under the name of another.
    misdirected =
        client.scheme() == ClientClaims.Scheme.HTTPS
            && (certificate.isEmpty()
                || !table.certificateOfRequestsTo(knownHost).equals(certificate));
  }

  private Decision admit(RouteTable table, RequestHead request, RouteMatch.Found found) {
    if (!found.sources().allows(client.address())) {
      return Answer.NOT_ALLOWED;
    }
    if (found.policy().scheme() == RoutePolicy.Scheme.HTTPS_ONLY
        && client.scheme() == ClientClaims.Scheme.HTTP) {
      String target = request.target().withQuery();
      return Answer.toHttps(request.method(), request.authority().host(), target);
    }
    return switch (found.step()) {
      case RouteMatch.Step.Respond respond -> Answer.respond(respond.status(), respond.body());
      case RouteMatch.Step.Forward forward -> choose(table, found.policy(), forward);
    };
  }

  private Decision choose(RouteTable table, RoutePolicy policy, RouteMatch.Step.Forward forward) {
    if (forward.totalWeight() <= 0) {
      return Answer.NO_ENDPOINT;
    }
    Endpoints endpoints = table.endpoints(worker.balancer().share(forward));
    if (endpoints.size() == 0) {
      return Answer.NO_ENDPOINT;
    }
    int place = worker.balancer().place(endpoints.backend());
    return new Forward(policy, endpoints, place, worker.backendTls(endpoints));
  }
}
