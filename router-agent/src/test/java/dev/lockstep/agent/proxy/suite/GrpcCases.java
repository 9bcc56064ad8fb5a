package dev.lockstep.agent.proxy.suite;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs several cases of gRPC's interop client in one process, which alone has gRPC and its Netty on
 * the class path: its own program runs one case and ends. Prints a line for each.
 */
final class GrpcCases {
  private static final String CLIENT = "io.grpc.testing.integration.TestServiceClient";

  /** What the client's own program makes known before anything else: two cases need it. */
  private static final String BALANCER =
      "io.grpc.testing.integration.CustomBackendMetricsLoadBalancerProvider";

  private GrpcCases() {}

  /**
   * Takes the names of cases, separated by commas, and then the client's own flags.
   *
   * @throws ReflectiveOperationException if the client has other methods than it had
   */
  public static void main(String[] arguments) throws ReflectiveOperationException {
    Object registry =
        type("io.grpc.LoadBalancerRegistry").getMethod("getDefaultRegistry").invoke(null);
    registry
        .getClass()
        .getMethod("register", type("io.grpc.LoadBalancerProvider"))
        .invoke(registry, newInstance(BALANCER));
    for (String name : arguments[0].split(",")) {
      List<String> flags = new ArrayList<>(List.of(arguments).subList(1, arguments.length));
      flags.add("--test_case=" + name);
      System.out.println(run(name, flags.toArray(String[]::new)));
    }
    System.exit(0);
  }

  private static String run(String name, String[] flags) throws ReflectiveOperationException {
    Object client = newInstance(CLIENT);
    method("parseArgs", String[].class).invoke(client, (Object) flags);
    try {
      method("setUp").invoke(client);
      method("run").invoke(client);
      return "passed " + name;
    } catch (InvocationTargetException e) {
      return "failed " + name + ": " + e.getCause();
    } finally {
      method("tearDown").invoke(client);
    }
  }

  private static Class<?> type(String name) throws ClassNotFoundException {
    return Class.forName(name);
  }

  private static Object newInstance(String name) throws ReflectiveOperationException {
    Constructor<?> constructor = type(name).getDeclaredConstructor();
    constructor.setAccessible(true);
    return constructor.newInstance();
  }

  private static Method method(String name, Class<?>... parameters)
      throws ReflectiveOperationException {
    Method method = type(CLIENT).getDeclaredMethod(name, parameters);
    method.setAccessible(true);
    return method;
  }
}
