package dev.lockstep.bench.training;

import dev.lockstep.bench.load.FixedBackend;
import dev.lockstep.bench.proxy.Contender;
import dev.lockstep.bench.proxy.Router;
import dev.lockstep.bench.tool.Management;
import dev.lockstep.bench.tool.PartOptions;
import dev.lockstep.local.LocalCluster;
import dev.lockstep.local.cluster.BinariesMissing;
import dev.lockstep.local.cluster.CertificateAuthority;
import dev.lockstep.local.cluster.KeyAndCertificate;
import dev.lockstep.local.process.Place;
import dev.lockstep.local.process.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;

/**
 * The program behind {@code deploy/train}: a replica on a real API server leads, takes changes and
 * requests of every protocol, and then its virtual machine writes down what it has learnt (JEP 483,
 * JEP 515). The replica must have been told to record. Ends with 0 when the cache is there, 1 when
 * not, 2 for wrong options.
 */
public final class Training {
  private static final String BODY = "x".repeat(128);

  private Training() {}

  /** Takes the options of {@code deploy/train}. */
  public static void main(String[] arguments) throws InterruptedException {
    Locale.setDefault(Locale.ROOT);
    System.exit(run(List.of(arguments)));
  }

  private static int run(List<String> arguments) throws InterruptedException {
    PartOptions options;
    try {
      options = PartOptions.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("train: " + e.getMessage());
      return 2;
    }
    Place place = Place.open(new Progress(System.err), "lockstep-train-");
    try {
      train(options, place);
      return 0;
    } catch (BinariesMissing e) {
      System.err.println("train: " + e.getMessage());
      return 1;
    } catch (IllegalStateException | UncheckedIOException | IOException | JMException e) {
      if (!place.closed()) {
        System.err.println("train: " + e + "\n    logs: " + place.keepFolder());
      }
      return 1;
    }
  }

  private static void train(PartOptions options, Place place)
      throws InterruptedException, IOException, JMException {
    LocalCluster.Means means = LocalCluster.Means.in(place, options.root());
    CertificateAuthority authority = CertificateAuthority.create("lockstep-train");
    KeyAndCertificate pair = Contender.certificate(authority);
    FixedBackend backend = place.keep(FixedBackend.start(BODY, 0));
    int loops = Runtime.getRuntime().availableProcessors();
    Contender replica = Router.prepare(place, means, pair, backend.port()).start(loops).contender();
    TrainingLoad load = new TrainingLoad(authority.certificatePem(), BODY, options.length());
    place.progress().say("requests over HTTP/1.1");
    load.ask(replica.http(), TrainingLoad.Protocol.HTTP_1_1);
    place.progress().say("requests over HTTP/1.1 and TLS");
    load.ask(replica.https(), TrainingLoad.Protocol.HTTP_1_1);
    place.progress().say("requests over HTTP/2 and TLS");
    load.ask(replica.https(), TrainingLoad.Protocol.HTTP_2);
    place.progress().say("writing down what was learnt");
    endRecording(replica.processes().root());
  }

  /** Returns when the cache is written: some ten seconds later. */
  private static void endRecording(long pid) throws IOException, JMException {
    try (JMXConnector connector = Management.connect(pid)) {
      MBeanServerConnection beans = connector.getMBeanServerConnection();
      ObjectName commands = ObjectName.getInstance("com.sun.management:type=DiagnosticCommand");
      beans.invoke(commands, "aotEndRecording", new Object[0], new String[0]);
    }
  }
}
