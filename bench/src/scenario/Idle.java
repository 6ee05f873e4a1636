package scenario;

import java.util.concurrent.TimeUnit;
import report.Report;
import server.ProcessUsage;
import server.Service;
import server.Stage;
import server.Usage;

/** A replica with nothing to do, after it had something to do. */
public final class Idle implements Scenario {
  private static final int SECONDS = 30;
  private static final int SETTLE_SECONDS = 10;

  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    Service service = stage.services().getFirst();
    report.add("seconds from start to ready", service.startSeconds());
    report.add("resident MiB after start", ProcessUsage.residentMiB(service.pid()));
    Conditions.warmUp(stage, effort, "warm-up", Conditions.actions());
    TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
    stage.beginProfile();
    for (int round = 1; round <= effort.rounds(); round++) {
      Usage before = stage.usage();
      TimeUnit.SECONDS.sleep(Math.max(5, effort.scaled(SECONDS)));
      Usage used = stage.usage().since(before);
      if (stage.database().countsStatements()) {
        report.add("statements/s", used.queries() / used.seconds());
      }
      report.add("commits/s", used.commits() / used.seconds());
      report.add("% of a core, service", 100 * used.serviceCpu() / used.seconds());
      report.add("% of a core, database", 100 * used.databaseCpu() / used.seconds());
      report.add("resident MiB", ProcessUsage.residentMiB(service.pid()));
      report.add("threads", ProcessUsage.threads(service.pid()));
    }
  }
}
