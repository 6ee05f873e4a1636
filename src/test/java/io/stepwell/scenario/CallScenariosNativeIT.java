package io.stepwell.scenario;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class CallScenariosNativeIT extends CallScenariosTest {}
