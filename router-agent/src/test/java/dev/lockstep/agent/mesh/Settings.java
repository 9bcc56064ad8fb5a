package dev.lockstep.agent.mesh;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/** The standard settings with one thing changed. */
final class Settings {
  private Settings() {}

  static MeshSettings with(String name, Object value) {
    return with(MeshSettings.STANDARD, name, value);
  }

  static MeshSettings with(MeshSettings settings, String name, Object value) {
    RecordComponent[] components = MeshSettings.class.getRecordComponents();
    try {
      Object[] values = new Object[components.length];
      for (int i = 0; i < components.length; i++) {
        values[i] =
            components[i].getName().equals(name)
                ? value
                : components[i].getAccessor().invoke(settings);
      }
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return MeshSettings.class.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a public record can be copied", e);
    }
  }
}
