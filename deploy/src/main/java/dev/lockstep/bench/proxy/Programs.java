package dev.lockstep.bench.proxy;

import dev.lockstep.local.process.Commands;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The programs of others that this machine has.
 *
 * @param found where they are
 */
record Programs(Map<Program, Path> found) {
  Programs {
    found = Map.copyOf(found);
  }

  /** One of them. */
  enum Program {
    NGINX("nginx", "nginx-light"),
    HAPROXY("haproxy", "haproxy"),
    WRK("wrk", "wrk"),
    H2LOAD("h2load", "nghttp2-client"),
    OPENSSL("openssl", "openssl");

    private final String file;
    private final String debian;

    Program(String file, String debian) {
      this.file = file;
      this.debian = debian;
    }

    /** {@return what to say when it is missing} */
    String missing() {
      return file + " is missing (apt-get install " + debian + ")";
    }

    /** {@return which program makes this load} */
    static Program of(Case.Generator generator) {
      return switch (generator) {
        case Case.Generator.OfWrk wrk -> WRK;
        case Case.Generator.OfH2load h2load -> H2LOAD;
        case Case.Generator.OfSslTime openssl -> OPENSSL;
      };
    }
  }

  /** {@return those in the folders of a PATH, and where Debian keeps servers} */
  static Programs find(String path) {
    Map<Program, Path> found = new EnumMap<>(Program.class);
    for (Program program : Program.values()) {
      Commands.find(program.file, path + ":/usr/sbin:/sbin")
          .ifPresent(file -> found.put(program, file));
    }
    return new Programs(found);
  }

  boolean has(Program program) {
    return found.containsKey(program);
  }

  Path path(Program program) {
    return Optional.ofNullable(found.get(program))
        .orElseThrow(() -> new IllegalStateException(program.missing()));
  }

  /** {@return those that are not there, each with what to do} */
  List<String> missing() {
    return Stream.of(Program.values()).filter(it -> !has(it)).map(Program::missing).toList();
  }

  /** {@return why nothing can be measured, if so} */
  Optional<String> hopeless(List<Case> cases) {
    if (!has(Program.NGINX)) {
      return Optional.of(Program.NGINX.missing() + ": it is the backend and the yardstick");
    }
    boolean none = cases.stream().noneMatch(it -> has(Program.of(it.generator())));
    return none
        ? Optional.of("no load generator: " + String.join("; ", missing()))
        : Optional.empty();
  }
}
