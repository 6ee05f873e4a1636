package io.stepwell.http;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class ApiDescriptionNativeIT extends ApiDescriptionTest {}
