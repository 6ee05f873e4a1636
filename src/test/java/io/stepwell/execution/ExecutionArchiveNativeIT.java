package io.stepwell.execution;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class ExecutionArchiveNativeIT extends ExecutionArchiveTest {}
