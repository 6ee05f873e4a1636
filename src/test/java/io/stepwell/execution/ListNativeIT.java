package io.stepwell.execution;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class ListNativeIT extends ListTest {}
