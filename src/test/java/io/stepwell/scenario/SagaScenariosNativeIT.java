package io.stepwell.scenario;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class SagaScenariosNativeIT extends SagaScenariosTest {}
