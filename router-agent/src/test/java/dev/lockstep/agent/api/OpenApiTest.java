package dev.lockstep.agent.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The published contract and the table of calls say the same; {@code REWRITE=1} copies the docs.
 */
class OpenApiTest {
  private static final Path PAGE = Path.of("..", "docs", "openapi.yaml");
  private static final Path SERVED = Path.of("src", "main", "resources", "openapi.yaml");

  private final Map<String, Object> document = map(load(PAGE));

  @Test
  void documentThatIsServedIsTheOneInTheDocs() throws IOException {
    if ("1".equals(System.getenv("REWRITE"))) {
      Files.writeString(SERVED, Files.readString(PAGE));
    }
    assertThat(Files.readString(SERVED)).isEqualTo(Files.readString(PAGE));
  }

  @Test
  void everyCallAndEachOfItsParametersIsPublishedAndViceVersa() {
    Map<String, Set<String>> served = new TreeMap<>();
    try (RunningApi api = RunningApi.of(Views.leader())) {
      for (Endpoint endpoint : api.server.endpoints()) {
        served.put(
            endpoint.path().replaceAll(":(\\w+)", "{$1}"), new TreeSet<>(endpoint.parameters()));
      }
    }
    assertThat(published()).isEqualTo(served);
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    Set<String> broken = new TreeSet<>();
    collectBroken(document, broken);
    assertThat(broken).isEmpty();
  }

  @Test
  void everyAnswerHasADescriptionAndEveryCallAnId() {
    Set<Object> ids = new TreeSet<>();
    map(document.get("paths"))
        .forEach(
            (path, item) -> {
              Map<String, Object> get = map(map(item).get("get"));
              assertThat(ids.add(get.get("operationId"))).as(path).isTrue();
              map(get.get("responses"))
                  .forEach(
                      (status, response) ->
                          assertThat(resolve(map(response))).as(path).containsKey("description"));
            });
  }

  private Map<String, Set<String>> published() {
    Map<String, Set<String>> published = new TreeMap<>();
    map(document.get("paths"))
        .forEach(
            (path, item) -> {
              Set<String> names = new TreeSet<>();
              Object parameters = map(map(item).get("get")).getOrDefault("parameters", List.of());
              for (Object parameter : (List<?>) parameters) {
                Map<String, Object> resolved = resolve(map(parameter));
                if ("query".equals(resolved.get("in"))) {
                  names.add(String.valueOf(resolved.get("name")));
                }
              }
              published.put(path, names);
            });
    return published;
  }

  private Map<String, Object> resolve(Map<String, Object> node) {
    return node.containsKey("$ref") ? map(find(String.valueOf(node.get("$ref")))) : node;
  }

  private Object find(String reference) {
    Object node = document;
    for (String part : reference.substring("#/".length()).split("/", -1)) {
      node = map(node).get(part);
      if (node == null) {
        return Map.of();
      }
    }
    return node;
  }

  private void collectBroken(Object node, Set<String> broken) {
    if (node instanceof List<?> list) {
      list.forEach(item -> collectBroken(item, broken));
    } else if (node instanceof Map<?, ?> map) {
      if (map.get("$ref") instanceof String reference && map(find(reference)).isEmpty()) {
        broken.add(reference);
      }
      map.values().forEach(value -> collectBroken(value, broken));
    }
  }

  private static Object load(Path file) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    try {
      return new Yaml(new SafeConstructor(options)).load(Files.readString(file));
    } catch (IOException e) {
      throw new IllegalStateException(file.toString(), e);
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(@Nullable Object node) {
    return (Map<String, Object>) Objects.requireNonNull(node);
  }
}
