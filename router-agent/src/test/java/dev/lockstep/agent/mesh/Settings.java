package dev.lockstep.agent.mesh;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;

/** Settings for tests: the standard bounds, and patience for a machine that does much else. */
final class Settings {
  static final MeshSettings PATIENT = patient();

  private Settings() {}

  static MeshSettings with(String name, Object value) {
    return with(PATIENT, name, value);
  }

  private static MeshSettings patient() {
    MeshSettings patient = MeshSettings.STANDARD;
    patient = with(patient, "connectTimeout", Duration.ofSeconds(5));
    patient = with(patient, "tlsTimeout", Duration.ofSeconds(10));
    patient = with(patient, "upgradeTimeout", Duration.ofSeconds(10));
    return with(patient, "unverifiedTimeout", Duration.ofSeconds(20));
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
