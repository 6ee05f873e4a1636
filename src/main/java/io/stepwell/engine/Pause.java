package io.stepwell.engine;

/** Why a step is RUNNING and holds no thread. */
enum Pause {
  /** Until a time; then it is done. */
  TIMER,
  /** Until somebody signals it; then it is done. */
  SIGNAL,
  /** Until a time; then the next attempt is due. */
  BACKOFF
}
