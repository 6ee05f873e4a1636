package io.stepwell.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.quarkus.jackson.ObjectMapperCustomizer;
import io.stepwell.kernel.Times;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Instant;

/** Makes the injected {@link ObjectMapper} write answers as the API promises. */
@Singleton
final class AnswerMapper implements ObjectMapperCustomizer {

  @Override
  public void customize(ObjectMapper mapper) {
    mapper.disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
    mapper.registerModule(new SimpleModule("stepwell").addSerializer(new InstantWriter()));
  }

  /** After the customizers of the framework, whose date module would win otherwise. */
  @Override
  public int priority() {
    return MINIMUM_PRIORITY;
  }

  private static final class InstantWriter extends StdSerializer<Instant> {
    private static final long serialVersionUID = 1L;

    InstantWriter() {
      super(Instant.class);
    }

    @Override
    public void serialize(Instant time, JsonGenerator to, SerializerProvider provider)
        throws IOException {
      to.writeString(Times.format(time));
    }
  }
}
