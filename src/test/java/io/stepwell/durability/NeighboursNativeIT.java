package io.stepwell.durability;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class NeighboursNativeIT extends NeighboursTest {}
