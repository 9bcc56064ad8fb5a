package dev.lockstep.agent.proxy.http;

import dev.lockstep.core.config.Version;
import io.netty.util.AsciiString;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fields of a request that mean something only where a setting says so. There they are read, and
 * end here, in every spelling that a backend might take for them; elsewhere they pass like any
 * other field. Not thread-safe: part of a head.
 */
public final class ExtraFields {
  private static final int LONGEST_ID = 128;

  /** Such a field. */
  public enum Extra {
    /** {@code X-Request-Id}: which request it is. */
    REQUEST_ID,
    /** {@code Lockstep-Min-Version}: the oldest version that may serve it. */
    MIN_VERSION
  }

  private final Head head;
  private final boolean takesId;
  private final boolean takesMinVersion;
  private Optional<Version> minVersion = Optional.empty();

  ExtraFields(Head head, Set<Extra> meant) {
    this.head = head;
    this.takesId = meant.contains(Extra.REQUEST_ID);
    this.takesMinVersion = meant.contains(Extra.MIN_VERSION);
  }

  /** Checks what must be correct; null when it is. */
  @Nullable Fault read() {
    return takesMinVersion ? readMinVersion() : null;
  }

  /** Once or not at all, and a number: nobody shall think that he got what was not understood. */
  private @Nullable Fault readMinVersion() {
    minVersion = Optional.empty();
    for (int i = 0; i < head.count(); i++) {
      if (head.name(i) == FieldName.MIN_VERSION && head.nameIs(i, "lockstep-min-version")) {
        long asked = Ascii.decimal(head.bytes(), head.valueStart(i), head.valueEnd(i));
        if (asked < 0 || minVersion.isPresent()) {
          return Fault.SYNTAX;
        }
        minVersion = Optional.of(new Version(asked));
      }
    }
    return null;
  }

  /** {@return whether the field of this name, one of them, goes on to a backend} */
  boolean pass(FieldName name) {
    return name == FieldName.REQUEST_ID ? !takesId : !takesMinVersion;
  }

  /** {@return the oldest version that may serve the request, if it names one and that is read} */
  public Optional<Version> minVersion() {
    return minVersion;
  }

  /**
   * {@return the id that the client gives the request, if it gives one that may be repeated
   * anywhere: 1 to 128 letters, digits and {@code - . _ ~ + / = : @}}
   */
  public Optional<AsciiString> requestId() {
    Optional<AsciiString> found = Optional.empty();
    for (int i = 0; i < head.count(); i++) {
      if (head.name(i) == FieldName.REQUEST_ID && head.nameIs(i, "x-request-id")) {
        if (found.isPresent() || !isId(i)) {
          return Optional.empty();
        }
        int start = head.valueStart(i);
        found = Optional.of(new AsciiString(head.bytes(), start, head.valueEnd(i) - start, true));
      }
    }
    return found;
  }

  private boolean isId(int field) {
    int start = head.valueStart(field);
    int end = head.valueEnd(field);
    boolean good = end > start && end - start <= LONGEST_ID;
    for (int i = start; good && i < end; i++) {
      int c = head.bytes()[i];
      good = Ascii.isUnreserved(c) || "+/=:@".indexOf(c) >= 0;
    }
    return good;
  }
}
