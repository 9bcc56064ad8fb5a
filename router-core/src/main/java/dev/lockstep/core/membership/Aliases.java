package dev.lockstep.core.membership;

import dev.lockstep.core.protocol.Pod;
import java.util.Collection;
import java.util.List;

/** Short names for replicas: {@code router1}, {@code router2}, …; the lowest free number each. */
final class Aliases {
  private static final String PREFIX = "router";

  private Aliases() {}

  /** {@return the name that the pod was given before, unless it is taken; else the lowest free} */
  static String of(Pod pod, Collection<Member> others) {
    List<String> taken = others.stream().map(Member::alias).toList();
    if (pod.alias().startsWith(PREFIX) && !taken.contains(pod.alias())) {
      return pod.alias();
    }
    int number = 1;
    while (taken.contains(PREFIX + number)) {
      number++;
    }
    return PREFIX + number;
  }
}
