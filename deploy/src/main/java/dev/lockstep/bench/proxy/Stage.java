package dev.lockstep.bench.proxy;

import dev.lockstep.bench.proxy.Programs.Program;
import dev.lockstep.bench.tool.ToolRun;
import dev.lockstep.local.LocalCluster;
import dev.lockstep.local.cluster.CertificateAuthority;
import dev.lockstep.local.cluster.KeyAndCertificate;
import dev.lockstep.local.process.Place;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that runs for the benchmark of the proxies.
 *
 * @param others the proxies that are not ours, nginx first
 * @param router ready to be started
 * @param backend port of the backend
 * @param authority whose certificate all of them have
 * @param tools runs load generators
 */
record Stage(
    List<Contender> others,
    Router router,
    int backend,
    CertificateAuthority authority,
    ToolRun tools) {

  /** Starts all but the router, in this place, with so many threads for each server. */
  static Stage start(Place place, Path root, Programs programs, int threads) {
    LocalCluster.Means means = LocalCluster.Means.in(place, root);
    CertificateAuthority authority = CertificateAuthority.create("lockstep-bench");
    KeyAndCertificate pair = Contender.certificate(authority);
    Servers servers = new Servers(programs, means, threads);
    int backend = servers.startBackend();
    List<Contender> others = new ArrayList<>();
    others.add(servers.startNginx(pair));
    if (programs.has(Program.HAPROXY)) {
      others.add(servers.startHaproxy());
    }
    place.progress().say("backend and " + others.size() + " other proxies listen");
    Router router = Router.prepare(place, means, pair, backend);
    ToolRun tools = new ToolRun(means.children(), place.folder().resolve("tools"));
    return new Stage(others, router, backend, authority, tools);
  }
}
