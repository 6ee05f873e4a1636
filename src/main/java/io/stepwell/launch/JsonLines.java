package io.stepwell.launch;

import com.fasterxml.jackson.core.JsonGenerator;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtLogRecord;
import org.jspecify.annotations.Nullable;

/** Writes each log record as one line of JSON, what the record is about beside what it says. */
final class JsonLines extends ExtFormatter {

  @Override
  public String format(ExtLogRecord record) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = Json.mapper().createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("timestamp", record.getInstant().toString());
      json.writeStringField("level", record.getLevel().getName());
      json.writeStringField("logger", record.getLoggerName());
      json.writeStringField("thread", record.getThreadName());
      json.writeStringField("message", record.getFormattedMessage());
      for (Map.Entry<String, String> about : record.getMdcCopy().entrySet()) {
        json.writeStringField(about.getKey(), about.getValue());
      }
      @Nullable Throwable thrown = record.getThrown();
      if (thrown != null) {
        json.writeStringField("exception", stackTrace(thrown));
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a string takes everything", e);
    }
    return line.append('\n').toString();
  }

  private static String stackTrace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
