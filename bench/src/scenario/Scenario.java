package scenario;

import report.Report;
import server.Stage;

/** Something to measure. */
public interface Scenario {
  /** How many replicas the stage shall have when nobody asks for another number. */
  default int replicas() {
    return 1;
  }

  /** Plays on the stage and adds what it measures. */
  void play(Stage stage, Effort effort, Report report) throws Exception;
}
