package io.stepwell.engine;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class IdleNativeIT extends IdleTest {}
