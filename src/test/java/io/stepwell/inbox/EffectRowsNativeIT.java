package io.stepwell.inbox;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class EffectRowsNativeIT extends EffectRowsTest {}
