package scenario;

import java.util.Map;
import report.Report;
import server.Stage;

/** Something to measure. */
public interface Scenario {
  /** How many replicas the stage shall have when nobody asks for another number. */
  default int replicas() {
    return 1;
  }

  /** What every replica is told beside what the benchmark needs. */
  default Map<String, String> environment() {
    return Map.of();
  }

  /** Plays on the stage and adds what it measures. */
  void play(Stage stage, Effort effort, Report report) throws Exception;
}
