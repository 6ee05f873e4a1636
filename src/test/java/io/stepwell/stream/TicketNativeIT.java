package io.stepwell.stream;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class TicketNativeIT extends TicketTest {}
