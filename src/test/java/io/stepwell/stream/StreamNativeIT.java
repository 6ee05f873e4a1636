package io.stepwell.stream;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class StreamNativeIT extends StreamTest {}
