package dev.lockstep.bench.load;

/**
 * The answer to one request.
 *
 * @param status the HTTP status
 * @param body whole, in UTF-8
 * @param begunAt when its first byte arrived, on the monotonic clock, in nanoseconds
 * @param endedAt when its last byte arrived
 */
public record Reply(int status, String body, long begunAt, long endedAt) {}
