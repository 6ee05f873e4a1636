package io.stepwell.engine;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/**
 * A replica that claims nothing by itself, so that a test may drive its parts by hand, on a
 * database whose clock the test turns: its connections find {@code now()} in {@link DatabaseTime}.
 */
public class DrivenByHand implements QuarkusTestProfile {
  @Override
  public Map<String, String> getConfigOverrides() {
    // the clock can be turned, and nothing here outlives the database's server, which therefore
    // need
    // not wait for its disk
    String options = "-c search_path=public,turned,pg_catalog -c synchronous_commit=off";
    return Map.of(
        "stepwell.engine.slots",
        "0",
        "stepwell.engine.lease",
        Reference.LEASE + "m",
        "stepwell.engine.max-claims",
        String.valueOf(Reference.MAX_CLAIMS),
        "stepwell.engine.linger",
        "0ms",
        "quarkus.datasource.jdbc.additional-jdbc-properties.options",
        options,
        "quarkus.datasource.instance.jdbc.additional-jdbc-properties.options",
        options,
        "quarkus.datasource.engine.jdbc.additional-jdbc-properties.options",
        options);
  }
}
