package io.stepwell.kernel;

/** Memory for what somebody else sends, asked for before it is taken in. */
public interface Room {
  /** As much as is asked for: for callers whose answers are small or their own. */
  Room UNBOUNDED =
      new Room() {
        @Override
        public void take(long bytes) {}

        @Override
        public void give() {}
      };

  /** Waits until there is memory for so many bytes; of a large amount it may count a part. */
  void take(long bytes) throws InterruptedException;

  /** Gives back all that was taken. */
  void give();
}
