package dev.lockstep.agent.kubernetes.translate;

import java.util.Optional;

/**
 * What translation depends on beside the objects.
 *
 * @param ingressClass the {@code ingressClassName} that is ours
 * @param platformDomain suffix that makes a bare word a host, {@code example.com}; absent if none
 */
public record TranslationSettings(String ingressClass, Optional<String> platformDomain) {}
