package io.stepwell;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class OpenApiNativeIT extends OpenApiTest {}
