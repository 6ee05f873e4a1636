package io.stepwell.engine;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class RecoveryNativeIT extends RecoveryTest {}
