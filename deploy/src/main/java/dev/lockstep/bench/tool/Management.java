package dev.lockstep.bench.tool;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** The way into a Java process of the same user, through the attach interface. */
public final class Management {

  private Management() {}

  /**
   * {@return a connection to the management beans of this process}
   *
   * @throws IOException when it does not let us in
   */
  @SuppressWarnings("BanJNDI") // The address is what our own child has just told us.
  public static JMXConnector connect(long pid) throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
      String address = machine.startLocalManagementAgent();
      machine.detach();
      return JMXConnectorFactory.connect(new JMXServiceURL(address));
    } catch (AttachNotSupportedException e) {
      throw new IOException("process " + pid + " does not let us in", e);
    }
  }
}
