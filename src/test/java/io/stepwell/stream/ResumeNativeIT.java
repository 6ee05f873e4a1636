package io.stepwell.stream;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class ResumeNativeIT extends ResumeTest {}
