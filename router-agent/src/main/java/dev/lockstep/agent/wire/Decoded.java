package dev.lockstep.agent.wire;

import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Message;
import java.util.List;

/** What came out of the text of a message. */
public sealed interface Decoded {

  /** A message. */
  record Understood(Message message) implements Decoded {}

  /** A newer replica says something that this build has no word for: to be ignored. */
  record UnknownType(String type) implements Decoded {}

  /**
   * A push whose content this build cannot read: to be answered with a nack, so that people see
   * why, while the older config serves on.
   *
   * @param epoch of the push
   * @param version that it leads to
   * @param problems why
   */
  record Unservable(Epoch epoch, Version version, List<ConfigProblem> problems) implements Decoded {
    public Unservable {
      problems = List.copyOf(problems);
    }
  }

  /**
   * Not a message: the link is not to be trusted any longer.
   *
   * @param reason for people; holds no secret material
   */
  record Unreadable(String reason) implements Decoded {}
}
