package io.stepwell.durability;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class SlotsNativeIT extends SlotsTest {}
