package io.stepwell.launch;

import io.quarkus.bootstrap.logging.InitialConfigurator;
import io.quarkus.logging.LoggingFilter;
import io.smallrye.config.SmallRyeConfig;
import java.util.logging.Filter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.handlers.ConsoleHandler;

/**
 * Lets the console write JSON where that is configured, from the first line on.
 *
 * <p>It lets every record pass. A filter is what Quarkus makes before anything is written; by the
 * time of the first record the console's handler is there, and no beans are yet.
 */
@LoggingFilter(name = "stepwell-console-format")
public final class ConsoleFormat implements Filter {
  // race: whoever comes second sets the same again
  private volatile boolean settled;

  @Override
  public boolean isLoggable(LogRecord record) {
    if (!settled) {
      settled = true;
      settle();
    }
    return true;
  }

  private static void settle() {
    LogConfig config =
        ConfigProvider.getConfig().unwrap(SmallRyeConfig.class).getConfigMapping(LogConfig.class);
    switch (config.format()) {
      case TEXT -> {}
      case JSON -> writeJson(InitialConfigurator.DELAYED_HANDLER.getHandlers());
    }
  }

  private static void writeJson(Handler[] handlers) {
    for (Handler handler : handlers) {
      if (handler instanceof ConsoleHandler console) {
        console.setFormatter(new JsonLines());
      } else if (handler instanceof ExtHandler wrapper) {
        writeJson(wrapper.getHandlers());
      }
    }
  }
}
