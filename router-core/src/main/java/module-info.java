/**
 * The deciding half of Lockstep: pure Java, no IO, no clock, no threads.
 *
 * <p>Start with {@link dev.lockstep.core.Replica}.
 */
@org.jspecify.annotations.NullMarked
module dev.lockstep.core {
  requires static org.jspecify;

  exports dev.lockstep.core;
  exports dev.lockstep.core.config;
  exports dev.lockstep.core.lease;
  exports dev.lockstep.core.membership;
  exports dev.lockstep.core.protocol;
  exports dev.lockstep.core.replication;
  exports dev.lockstep.core.routing;
}
