package io.stepwell.observation;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class MetricsNativeIT extends MetricsTest {}
