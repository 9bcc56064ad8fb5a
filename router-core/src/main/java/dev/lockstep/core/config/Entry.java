package dev.lockstep.core.config;

/**
 * One independently changeable part of a config. The unit of deltas and digests: a change of one
 * Kubernetes object touches a few entries, however large the config is.
 */
public sealed interface Entry permits Route, Backend, Certificate, TlsBinding {

  /** {@return the key under which the config holds this entry; starts with the kind} */
  String key();

  /** {@return the SHA-256 of the canonical form, 32 bytes} */
  byte[] sha256();
}
