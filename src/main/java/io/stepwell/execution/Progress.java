package io.stepwell.execution;

import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How far an execution is.
 *
 * @param totalSteps every action of the version, those in branches included
 * @param completedSteps successful, failed and skipped ones together
 * @param percentage completed of total, rounded down; 100 for an execution of no steps
 */
public record Progress(
    int totalSteps,
    int completedSteps,
    int successfulSteps,
    int failedSteps,
    int skippedSteps,
    int runningSteps,
    int percentage) {

  /**
   * @param floor the percentage below which it must not fall: a retry starts from there
   */
  static Progress of(int total, int successful, int failed, int skipped, int running, int floor) {
    int completed = successful + failed + skipped;
    int percentage = total == 0 ? 100 : Math.max(floor, completed * 100 / total);
    return new Progress(total, completed, successful, failed, skipped, running, percentage);
  }

  /**
   * How it was before the last of the steps that ended, ended so.
   *
   * @param floor the percentage that was told last
   */
  public Progress before(StepStatus ended, int floor) {
    return of(
        totalSteps,
        successfulSteps - (ended == StepStatus.COMPLETED ? 1 : 0),
        failedSteps - (ended == StepStatus.FAILED ? 1 : 0),
        skippedSteps - (ended == StepStatus.SKIPPED ? 1 : 0),
        runningSteps,
        floor);
  }

  static Progress of(int total, Collection<StepStatus> statuses, int floor) {
    return of(
        total, statuses.stream().collect(Collectors.toMap(s -> s, s -> 1, Integer::sum)), floor);
  }

  /**
   * @param steps how many have each status
   */
  static Progress of(int total, Map<StepStatus, Integer> steps, int floor) {
    return of(
        total,
        steps.getOrDefault(StepStatus.COMPLETED, 0),
        steps.getOrDefault(StepStatus.FAILED, 0),
        steps.getOrDefault(StepStatus.SKIPPED, 0),
        steps.getOrDefault(StepStatus.RUNNING, 0),
        floor);
  }
}
