package dev.lockstep.agent.kubernetes.source;

import dev.lockstep.agent.kubernetes.parse.SourceKind;
import dev.lockstep.core.config.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;

/**
 * What a quorum read of one object showed.
 *
 * @param kind of the object
 * @param key which was read
 * @param object as it is, if it is there
 * @param resourceVersion as of which that holds
 */
record Reading(
    SourceKind kind, ObjectKey key, Optional<HasMetadata> object, long resourceVersion) {}
