package io.stepwell.launch;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class ReadinessNativeIT extends ReadinessTest {}
