package dev.lockstep.local.cluster;

import dev.lockstep.local.cluster.CertificateAuthority.Use;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;

/**
 * The keys of one API server, in files as its programs want them.
 *
 * @param folder where they are
 * @param authority whom everybody trusts
 */
record Pki(Path folder, CertificateAuthority authority) {
  /** {@return new keys in this folder} */
  static Pki create(Path folder) {
    Pki pki = new Pki(folder, CertificateAuthority.create("lockstep-local"));
    Kubeconfig.writeSecret(pki.path("ca.crt"), pki.authority.certificatePem());
    List<String> names =
        List.of("127.0.0.1", "10.96.0.1", "localhost", "kubernetes.default.svc", "kubernetes");
    pki.store("serving", pki.authority.issue("CN=kube-apiserver", names, Use.SERVER));
    pki.store("etcd", pki.authority.issue("CN=etcd", List.of("127.0.0.1"), Use.SERVER, Use.CLIENT));
    KeyPair tokens = CertificateAuthority.newKeys();
    Kubeconfig.writeSecret(
        pki.path("tokens.key"),
        new KeyAndCertificate(tokens.getPrivate(), new byte[0]).privateKeyPem());
    Kubeconfig.writeSecret(
        pki.path("tokens.pub"), KeyAndCertificate.publicKeyPem(tokens.getPublic()));
    return pki;
  }

  /** {@return a certificate for a cluster administrator} */
  KeyAndCertificate administrator() {
    return authority.issueClient("CN=lockstep-admin,O=system:masters");
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  private void store(String name, KeyAndCertificate pair) {
    Kubeconfig.writeSecret(path(name + ".crt"), pair.certificatePem());
    Kubeconfig.writeSecret(path(name + ".key"), pair.privateKeyPem());
  }
}
