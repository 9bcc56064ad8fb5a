package dev.lockstep.sim;

import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.sim.Cluster.Asked;
import dev.lockstep.sim.Cluster.Direction;
import dev.lockstep.sim.Cluster.Member;
import dev.lockstep.sim.invariant.Mesh;
import dev.lockstep.sim.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Runs the commands of a text scenario and writes down what the replicas announce. Epochs and
 * versions are named in the order in which they appear, E1, V1 and so on: their real numbers depend
 * on what else was written to the API server.
 */
final class Scenario {

  private final List<String> lines = new ArrayList<>();
  private final List<Epoch> epochs = new ArrayList<>();
  private final List<Version> versions = new ArrayList<>();
  private Cluster cluster = Cluster.of(1);

  /** Runs commands, one on each line; {@return what was seen meanwhile} */
  List<String> run(List<String> commands) {
    lines.clear();
    for (String command : commands) {
      String[] words = command.split(" +");
      run(words);
      // A new mesh has made its noise before anybody listened.
      cluster.world().takeNotices().forEach(this::note);
    }
    return List.copyOf(lines);
  }

  private void run(String[] words) {
    switch (words[0]) {
      case "replicas" -> start(Integer.parseInt(words[1])); // replicas 3
      case "advance" -> cluster.advance(Duration.parse("PT" + words[1])); // advance 5s
      case "settle" -> cluster.awaitConverged(); // until everybody serves what is current
      case "api" -> setApi(words[1]); // api away|back
      case "lease" -> changeLease(words[1]); // lease delete|touch
      case "write" -> write(number(words[1]), words); // write o1 [quarantined|ignored|poison]
      case "touch" -> cluster.touch(number(words[1])); // touch o1: a write that changes nothing
      case "delete" -> cluster.delete(number(words[1])); // delete o1
      case "ask" -> ask(words); // ask present|absent o1, ask current
      case "show" -> show(); // one line for each replica
      default -> change(words[0], member(words[1]), words); // crash leader, pause r2 …
    }
  }

  private void start(int replicas) {
    cluster = Cluster.of(replicas).start();
  }

  private void setApi(String state) {
    if (state.equals("away")) {
      cluster.apiAway();
    } else {
      cluster.apiBack();
    }
  }

  private void changeLease(String how) {
    if (how.equals("delete")) {
      cluster.deleteLease();
    } else {
      cluster.editLease(lease -> lease);
    }
  }

  private void write(int object, String[] words) {
    String form = words.length > 2 ? words[2] : "routed";
    cluster.write(object, Mesh.Form.valueOf(form.toUpperCase(Locale.ROOT)));
  }

  private void ask(String[] words) {
    if (words[1].equals("current")) {
      told(cluster.ask(new Question.AtCurrent()));
    } else {
      Observation.State state = Observation.State.valueOf(words[1].toUpperCase(Locale.ROOT));
      told(cluster.ask(Cluster.about(number(words[2]), Optional.empty(), state)));
    }
  }

  private void told(Asked asked) {
    Answer answer = asked.await();
    cluster.world().takeNotices().forEach(this::note);
    lines.add(
        switch (answer) {
          case Answer.Open open ->
              "answer: open "
                  + name(open.version())
                  + pods(open.applied(), Answer.Applied::pod)
                  + excluded(open);
          case Answer.Late late ->
              "answer: late "
                  + late.version().map(this::name).orElse("")
                  + pods(late.pending(), Answer.Pending::pod);
          case Answer.Rejected rejected -> "answer: rejected, " + rejected.reason();
          case Answer.Unknown unknown -> "answer: unknown, " + unknown.reason();
          case Answer.StillPresent present -> "answer: still present, " + present.object();
          case Answer.Undecidable undecidable -> "answer: undecidable, " + undecidable.reason();
        });
  }

  private String excluded(Answer.Open open) {
    return open.excluded().isEmpty()
        ? ""
        : ", without" + pods(open.excluded(), Answer.Excluded::pod);
  }

  private static <T> String pods(List<T> of, java.util.function.Function<T, Object> pod) {
    return of.stream()
        .map(pod)
        .map(Object::toString)
        .sorted()
        .map(p -> " " + p)
        .collect(Collectors.joining());
  }

  private void change(String verb, Member member, String[] words) {
    switch (verb) {
      case "crash" -> member.crash();
      case "lose-power" -> member.losePower();
      case "lose-disk" -> member.loseDisk();
      case "restart" -> member.restart();
      case "stop" -> member.stop();
      case "replace" -> member.replace();
      case "pause" -> member.pause();
      case "resume" -> member.resume();
      case "cut-from-api" -> member.cutFromApi();
      case "reach-api" -> member.reachApi();
      case "isolate" -> member.isolate(Direction.valueOf(words[2].toUpperCase(Locale.ROOT)));
      case "heal" -> member.heal();
      default -> throw new IllegalArgumentException("command: " + verb);
    }
  }

  private Member member(String name) {
    return switch (name) {
      case "leader" -> cluster.leader();
      case "follower" -> cluster.follower(1);
      default -> cluster.replica(name);
    };
  }

  private static int number(String object) {
    return Integer.parseInt(object.substring(1));
  }

  private void show() {
    for (Member member : cluster.all()) {
      String pod = member.pod().id().name();
      if (member.pod().process().isEmpty()) {
        lines.add(pod + " is down");
        continue;
      }
      ReplicaView view = member.process().view();
      lines.add(
          String.join(
              " ",
              pod,
              view.role().toString().toLowerCase(Locale.ROOT),
              name(view.epoch()),
              "serves",
              name(view.served()),
              member.process().takesRequests() ? "and takes requests" : "and refuses",
              member.pod().object().condition().toString()));
    }
  }

  private void note(World.Announced announced) {
    String who = announced.replica().pod();
    String line =
        switch (announced.notice()) {
          case Effect.LeadershipWon won -> who + " leads " + name(won.epoch());
          case Effect.LeadershipLost lost -> who + " leads no longer";
          case Effect.Suspended suspended -> who + " is suspended";
          case Effect.Resumed resumed -> who + " resumes";
          case Effect.Committed committed -> who + " commits " + name(committed.version());
          case Effect.BarrierOpened opened -> who + " opens " + name(opened.version());
          case Effect.MemberChanged changed ->
              changed.pod()
                  + " "
                  + changed.kind().toString().toLowerCase(Locale.ROOT)
                  + (changed.reason().isEmpty() ? "" : ": " + changed.reason());
          case Effect.Refused refused -> who + " refuses " + name(refused.version());
          case Effect.Alarm alarm -> who + " alarm: " + alarm.reason();
          case Effect.Served served -> "";
          case Effect.Following following -> "";
        };
    if (!line.isEmpty()) {
      lines.add(line);
    }
  }

  private String name(Epoch epoch) {
    return epoch.equals(Epoch.NONE) ? "E0" : "E" + index(epochs, epoch);
  }

  private String name(Version version) {
    return version.equals(Version.NONE) ? "V0" : "V" + index(versions, version);
  }

  private static <T> int index(List<T> known, T one) {
    if (!known.contains(one)) {
      known.add(one);
    }
    return known.indexOf(one) + 1;
  }
}
