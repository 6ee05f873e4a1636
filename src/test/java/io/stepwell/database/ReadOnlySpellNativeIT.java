package io.stepwell.database;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class ReadOnlySpellNativeIT extends ReadOnlySpellTest {}
