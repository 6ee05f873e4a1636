package server;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/** Where a flight recording says that processor time and memory went. */
final class Recording {
  private static final String OURS = "io.stepwell.";

  private final Map<String, Double> cpuByMethod = new TreeMap<>();
  private final Map<String, Double> cpuByOurs = new TreeMap<>();
  private final Map<String, Double> cpuByLibrary = new TreeMap<>();
  private final Map<String, Double> allocatedByOurs = new TreeMap<>();

  private Recording() {}

  static Recording read(Path file) throws IOException {
    Recording recording = new Recording();
    try (RecordingFile events = new RecordingFile(file)) {
      while (events.hasMoreEvents()) {
        recording.add(events.readEvent());
      }
    }
    return recording;
  }

  void print(PrintStream out) {
    Profile.top(out, "CPU samples by library", cpuByLibrary);
    Profile.top(out, "CPU samples by the innermost method of Stepwell", cpuByOurs);
    Profile.top(out, "CPU samples by method", cpuByMethod);
    Profile.top(out, "MiB allocated by the innermost method of Stepwell", allocatedByOurs);
  }

  private void add(RecordedEvent event) {
    boolean cpu = event.getEventType().getName().equals("jdk.CPUTimeSample");
    boolean allocation = event.getEventType().getName().equals("jdk.ObjectAllocationSample");
    if (!cpu && !allocation || event.getStackTrace() == null) {
      return;
    }
    List<RecordedFrame> frames = event.getStackTrace().getFrames();
    String ours =
        frames.stream()
            .map(Recording::name)
            .filter(n -> n.startsWith(OURS))
            .findFirst()
            .orElse("none");
    if (allocation) {
      allocatedByOurs.merge(ours, event.getLong("weight") / 1048576.0, Double::sum);
      return;
    }
    cpuByOurs.merge(ours, 1.0, Double::sum);
    cpuByMethod.merge(name(frames.getFirst()), 1.0, Double::sum);
    String library =
        frames.stream()
            .map(frame -> library(frame.getMethod().getType().getName()))
            .filter(name ->
                !name.startsWith("java.") && !name.startsWith("jdk.") && !name.startsWith("sun."))
            .findFirst()
            .orElse("the JDK alone");
    cpuByLibrary.merge(library, 1.0, Double::sum);
  }

  private static String name(RecordedFrame frame) {
    return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
  }

  /** The first three parts of a package, which is what most libraries are known by. */
  private static String library(String type) {
    String[] parts = type.split("\\.");
    return String.join(".", List.of(parts).subList(0, Math.min(3, parts.length - 1)));
  }
}
