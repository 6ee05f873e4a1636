package io.stepwell.launch;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class OutdatedReplicaNativeIT extends OutdatedReplicaTest {}
