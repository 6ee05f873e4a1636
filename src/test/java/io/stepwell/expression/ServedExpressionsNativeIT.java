package io.stepwell.expression;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class ServedExpressionsNativeIT extends ServedExpressionsTest {}
