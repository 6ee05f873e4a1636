package io.stepwell.workspace;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class ApiKeyResourceNativeIT extends ApiKeyResourceTest {}
