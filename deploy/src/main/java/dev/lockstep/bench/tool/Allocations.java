package dev.lockstep.bench.tool;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import javax.management.remote.JMXConnector;

/**
 * What a Java process of the same user allocates, counted by its own virtual machine and asked for
 * through the attach interface. Its answer costs that process some ten kilobytes. Confined to one
 * thread.
 */
public final class Allocations implements AutoCloseable {
  private final JMXConnector connection;
  private final ThreadMXBean threads;

  private Allocations(JMXConnector connection) throws IOException {
    this.connection = connection;
    this.threads =
        ManagementFactory.newPlatformMXBeanProxy(
            connection.getMBeanServerConnection(),
            ManagementFactory.THREAD_MXBEAN_NAME,
            ThreadMXBean.class);
  }

  /** {@return what counts for this process; empty when it does not let us in} */
  public static Optional<Allocations> of(long pid) {
    try {
      return Optional.of(new Allocations(Management.connect(pid)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** {@return the bytes of all objects that its threads have made so far} */
  public long bytes() {
    return threads.getTotalThreadAllocatedBytes();
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
