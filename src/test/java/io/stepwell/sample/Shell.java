package io.stepwell.sample;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs the README's {@code curl} commands as they stand there. Where the machine has no curl, it
 * makes the same requests itself.
 */
final class Shell {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern ARGUMENT = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^\\s'\"]+)");
  private static final Pattern TEE = Pattern.compile("\\| tee (\\S+)");
  private static final Pattern CUT = Pattern.compile("\\$\\(cut -d'\"' -f4 (\\S+)\\)");

  private Shell() {}

  static boolean hasCurl() {
    return List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "curl")));
  }

  static String run(String command) throws IOException, InterruptedException {
    return hasCurl() ? runReally(command) : request(command);
  }

  /** What the command prints on its standard output. */
  private static String runReally(String command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("sh", "-c", command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      // it closes its output when it ends, or when the service ends the stream
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("failed: " + command + "\n" + printed);
      }
      return printed;
    } finally {
      process.destroyForcibly();
    }
  }

  /** Makes the request of a command, which knows no more of the shell than ours use. */
  static String request(String command) throws IOException, InterruptedException {
    Matcher cut = CUT.matcher(command);
    String whole = command;
    if (cut.find()) {
      whole = cut.replaceAll(Files.readString(Path.of(cut.group(1))).split("\"", -1)[3]);
    }
    Matcher tee = TEE.matcher(whole);
    List<String> arguments = arguments(tee.replaceAll("").replace("\\\n", " "));
    HttpRequest.Builder request = HttpRequest.newBuilder().timeout(PATIENCE);
    for (int i = 1; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      switch (argument) {
        case "-s", "-sN" -> {}
        case "-H" -> {
          String[] header = arguments.get(++i).split(": ", 2);
          request.header(header[0], header[1]);
        }
        case "-d" -> request.POST(BodyPublishers.ofString(arguments.get(++i)));
        default -> request.uri(URI.create(argument));
      }
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      String body = client.send(request.build(), BodyHandlers.ofString()).body();
      if (tee.reset().find()) {
        Files.writeString(Path.of(tee.group(1)), body);
      }
      return body;
    }
  }

  private static List<String> arguments(String command) {
    List<String> arguments = new ArrayList<>();
    Matcher matcher = ARGUMENT.matcher(command);
    while (matcher.find()) {
      for (int group = 1; group <= 3; group++) {
        if (matcher.group(group) != null) {
          arguments.add(matcher.group(group));
        }
      }
    }
    return arguments;
  }
}
