package dev.lockstep.agent.settings;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.net.URL;
import java.util.Locale;
import java.util.Objects;
import org.slf4j.LoggerFactory;

/** Makes logging follow the settings. */
public final class LogSetup {

  private LogSetup() {}

  /**
   * Configures logging anew; loggers that exist already follow. Before this call, and in all other
   * commands, only warnings are logged, as text. After it nobody waits for a line to be written;
   * when their reader stands still, the newest lines are lost.
   */
  public static void apply(AgentSettings.Logs logs) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    URL config = Objects.requireNonNull(LogSetup.class.getResource("/logback.xml"));
    context.reset();
    context.putProperty("lockstep.log.format", logs.format().name().toLowerCase(Locale.ROOT));
    context.putProperty("lockstep.log.level", logs.level().name());
    context.putProperty("lockstep.log.way", "queued");
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    try {
      configurator.doConfigure(config);
      context.start();
    } catch (JoranException e) {
      throw new IllegalStateException("logback.xml is part of this program", e);
    }
  }

  /** Writes what still waits to be written. Nothing is logged after that. */
  public static void flush() {
    ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
  }
}
