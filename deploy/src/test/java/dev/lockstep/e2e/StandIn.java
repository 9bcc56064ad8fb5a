package dev.lockstep.e2e;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;

/**
 * Something that a kubelet can run and probe: the tests of the kubelet need no router. It answers
 * every question on its API port with 200.
 */
final class StandIn {
  private StandIn() {}

  /** Takes the arguments of an agent. */
  public static void main(String[] arguments) throws IOException {
    List<String> all = Arrays.asList(arguments);
    String flag = "--api-listen=127.0.0.1:";
    int port =
        all.stream()
            .filter(it -> it.startsWith(flag))
            .mapToInt(it -> Integer.parseInt(it.substring(flag.length())))
            .findFirst()
            .orElseThrow();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
  }

  /** {@return a launcher that starts it} */
  static Path launcher(Path folder) throws IOException {
    Path file = folder.resolve("lockstep");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String command =
        "exec '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '%s' %s \"$@\""
            .formatted(java, System.getProperty("java.class.path"), StandIn.class.getName());
    Files.writeString(file, "#!/bin/sh\n" + command + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }
}
