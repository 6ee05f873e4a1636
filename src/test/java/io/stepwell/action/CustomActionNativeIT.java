package io.stepwell.action;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class CustomActionNativeIT extends CustomActionTest {}
