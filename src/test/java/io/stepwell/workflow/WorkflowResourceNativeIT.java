package io.stepwell.workflow;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class WorkflowResourceNativeIT extends WorkflowResourceTest {}
