package dev.lockstep.core.protocol;

/**
 * Where a replica can be reached.
 *
 * @param mesh base URL for other replicas, {@code https://host:port}
 * @param spkiSha256 pin of the key that this replica's mesh port proves, base64 of 32 bytes
 * @param http base URL of its own plain data plane port, {@code http://host:port}
 * @param https base URL of its own TLS data plane port, {@code https://host:port}
 * @param api base URL of its own API, {@code http://host:port}
 */
public record Address(String mesh, String spkiSha256, String http, String https, String api) {}
