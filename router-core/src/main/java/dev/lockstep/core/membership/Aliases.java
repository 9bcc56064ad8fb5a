package dev.lockstep.core.membership;

import dev.lockstep.core.protocol.Pod;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Short names for replicas: {@code router1}, {@code router2}, …; the lowest free number each. */
final class Aliases {
  private static final String PREFIX = "router";

  private Aliases() {}

  /** {@return the name that the pod was given before, unless it is taken; else the lowest free} */
  static String of(Pod pod, Collection<Member> all) {
    List<Member> others = all.stream().filter(it -> !it.id().equals(pod.id())).toList();
    boolean taken = others.stream().anyMatch(it -> it.alias().equals(pod.alias()));
    return isGiven(pod) && !taken ? pod.alias() : lowestFree(others);
  }

  /** {@return who has the name that this pod was given before, without ever having been seen} */
  static Optional<Member> usurper(Pod pod, Collection<Member> all) {
    return all.stream()
        .filter(it -> isGiven(pod) && it.isUnseen() && !it.id().equals(pod.id()))
        .filter(it -> it.alias().equals(pod.alias()))
        .findFirst();
  }

  /** {@return the first name that none of them has} */
  static String lowestFree(Collection<Member> all) {
    List<String> taken = all.stream().map(Member::alias).toList();
    int number = 1;
    while (taken.contains(PREFIX + number)) {
      number++;
    }
    return PREFIX + number;
  }

  private static boolean isGiven(Pod pod) {
    return pod.alias().startsWith(PREFIX);
  }
}
