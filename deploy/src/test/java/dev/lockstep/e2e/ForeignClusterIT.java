package dev.lockstep.e2e;

import org.junit.jupiter.api.extension.RegisterExtension;

/** The same changes on a cluster with controllers of its own: k3s, or one that is named. */
final class ForeignClusterIT extends Changes {
  @RegisterExtension static final RealMesh MESH = RealMesh.on(ForeignCluster::find, 3);

  ForeignClusterIT() {
    super(MESH);
  }
}
