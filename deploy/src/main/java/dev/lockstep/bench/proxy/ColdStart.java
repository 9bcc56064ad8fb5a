package dev.lockstep.bench.proxy;

import dev.lockstep.local.process.Progress;
import java.util.ArrayList;
import java.util.List;

/**
 * How fast a process is in each second after it is Ready, while its virtual machine compiles.
 *
 * @param starts of each start, its turns of a second in order
 */
record ColdStart(List<List<Sample>> starts) {
  /** How long it is looked at. */
  static final int SECONDS = 10;

  ColdStart {
    starts = starts.stream().map(List::copyOf).toList();
  }

  /** {@return the curve of a process that is Ready just now, and of so many starts in all} */
  static ColdStart measure(Router.Running router, Rounds rounds, int starts)
      throws InterruptedException {
    Progress progress = router.progress();
    List<List<Sample>> curves = new ArrayList<>();
    for (int start = 1; start <= starts; start++) {
      if (start > 1) {
        router.startAgain();
      }
      progress.say("cold start " + start + " of " + starts);
      Contender contender = router.contender();
      List<Sample> curve = new ArrayList<>();
      for (int second = 0; second < SECONDS; second++) {
        curve.add(rounds.measure(Case.HTTP_SMALL, contender, 1));
      }
      curves.add(curve);
    }
    return new ColdStart(curves);
  }

  /** {@return the turns in this second, one of each start; the first second is 0} */
  List<Sample> second(int number) {
    return starts.stream().map(curve -> curve.get(number)).toList();
  }

  /** {@return what went wrong, in words} */
  List<String> faults() {
    return starts.stream()
        .flatMap(List::stream)
        .flatMap(sample -> sample.load().faults().stream())
        .map(it -> "cold start: " + it)
        .toList();
  }
}
