package dev.lockstep.chaos.oracle;

import java.util.OptionalLong;

/**
 * The answer to one request.
 *
 * @param status the HTTP status
 * @param version what its header says served it, if it says so
 * @param body whole, in UTF-8
 */
public record WebReply(int status, OptionalLong version, String body) {}
