package dev.lockstep.agent.mesh;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Event;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the mesh needs from the rest of the process. All of these are called from several threads.
 *
 * @param verifier says which pod a bearer token proves
 * @param token this replica's own token, read anew for every connection because it is rotated; may
 *     block, and throws {@link java.io.UncheckedIOException} when there is none
 * @param linkNumbers numbers for links that others open; disjoint from those that the core gives
 * @param snapshots what this replica can hand on; must not block
 * @param events takes what happened; must not block, and is called from within {@code execute} too
 */
public record MeshEnvironment(
    Function<String, CompletionStage<TokenVerdict>> verifier,
    Supplier<String> token,
    LongSupplier linkNumbers,
    Function<Digest, Optional<Snapshot>> snapshots,
    Consumer<Event> events) {}
