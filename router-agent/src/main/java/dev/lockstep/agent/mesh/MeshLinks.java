package dev.lockstep.agent.mesh;

import dev.lockstep.core.protocol.LinkId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** All links that have not ended, by number. Thread-safe. */
final class MeshLinks {
  private final Map<LinkId, MeshLink> links = new ConcurrentHashMap<>();

  void add(MeshLink link) {
    links.put(link.id(), link);
  }

  void remove(MeshLink link) {
    links.remove(link.id(), link);
  }

  Optional<MeshLink> find(LinkId id) {
    return Optional.ofNullable(links.get(id));
  }

  List<MeshLink> all() {
    return List.copyOf(links.values());
  }
}
