package io.stepwell.outbound;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class DeliveryNativeIT extends DeliveryTest {}
