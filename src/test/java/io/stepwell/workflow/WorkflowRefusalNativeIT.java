package io.stepwell.workflow;

import io.quarkus.test.junit.QuarkusIntegrationTest;

@QuarkusIntegrationTest
class WorkflowRefusalNativeIT extends WorkflowRefusalTest {}
