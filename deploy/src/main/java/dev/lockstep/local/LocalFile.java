package dev.lockstep.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.local.kubelet.LocalReplica;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/**
 * The file {@code local.json}, by which scripts find a run. It is there once all is up, and always
 * whole.
 *
 * @param file where it is
 * @param places what does not change: kubeconfig, kubectl, http, https
 */
record LocalFile(Path file, Map<String, String> places) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Writes it.
   *
   * @param replicas as they are now
   * @param names the mesh's own names of them, by pod
   */
  void write(List<LocalReplica> replicas, Map<String, String> names) {
    ObjectNode json = JSON.createObjectNode();
    places.forEach(json::put);
    json.put("api", replicas.getFirst().api().toString());
    var list = json.putArray("replicas");
    for (LocalReplica replica : replicas) {
      ObjectNode each = list.addObject();
      each.put("name", names.getOrDefault(replica.pod(), replica.pod()));
      each.put("pod", replica.pod());
      replica.pid().ifPresentOrElse(pid -> each.put("pid", pid), () -> each.putNull("pid"));
      each.put("http", replica.http().toString());
      each.put("https", replica.https().toString());
      each.put("api", replica.api().toString());
    }
    Path fresh = file.resolveSibling(".local.json.new");
    try {
      Files.writeString(fresh, json.toPrettyString() + "\n");
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
