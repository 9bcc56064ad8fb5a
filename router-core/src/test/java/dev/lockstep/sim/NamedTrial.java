package dev.lockstep.sim;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One named fault, judged: the number is that of the test, from 1; beyond the last there is nothing
 * to say. For rules that no schedule can see broken, because peace mends what they prevent.
 */
public final class NamedTrial implements LongFunction<String> {

  private record Case(Method method, Object[] arguments) {}

  private final List<Case> cases = new ArrayList<>();

  /** Finds the tests. */
  public NamedTrial() {
    Stream.of(NamedFaultsTest.class.getDeclaredMethods())
        .filter(method -> method.getAnnotations().length > 0)
        .sorted(Comparator.comparing(Method::getName))
        .forEach(this::add);
  }

  private void add(Method method) {
    ValueSource values = method.getAnnotation(ValueSource.class);
    if (values == null) {
      cases.add(new Case(method, new Object[0]));
      return;
    }
    for (int value : values.ints()) {
      cases.add(new Case(method, new Object[] {value}));
    }
    for (String value : values.strings()) {
      cases.add(new Case(method, new Object[] {value}));
    }
  }

  @Override
  public String apply(long number) {
    if (number > cases.size()) {
      return "";
    }
    Case one = cases.get((int) number - 1);
    try {
      one.method.invoke(new NamedFaultsTest(), one.arguments);
      return "";
    } catch (ReflectiveOperationException failed) {
      return "NamedFaultsTest: " + one.method.getName() + ": " + failed.getCause();
    }
  }
}
