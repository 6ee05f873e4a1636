package io.stepwell.execution;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class TooManyUnfinishedNativeIT extends TooManyUnfinishedTest {}
