package io.stepwell.outbound;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import java.util.UUID;

/** The rooms' configuration from properties, as the application reads it. */
final class Settings {
  static final UUID WORKSPACE = new UUID(0, 1);

  private Settings() {}

  static OutboundConfig outbound(Map<String, String> properties) {
    return read(OutboundConfig.class, properties);
  }

  static OutboundConfig allowing(String allow) {
    return outbound(Map.of("stepwell.outbound.allow", allow));
  }

  static SmtpConfig smtp(Map<String, String> properties) {
    return read(SmtpConfig.class, properties);
  }

  private static <T> T read(Class<T> mapping, Map<String, String> properties) {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(mapping)
        .withSources(new PropertiesConfigSource(properties, "test", 100))
        .build()
        .getConfigMapping(mapping);
  }
}
