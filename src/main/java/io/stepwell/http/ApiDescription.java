package io.stepwell.http;

import jakarta.ws.rs.core.Application;
import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.enums.SecuritySchemeType;
import org.eclipse.microprofile.openapi.annotations.info.Info;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.security.SecurityScheme;

/** What the OpenAPI document says about the API as a whole. */
@OpenAPIDefinition(
    info =
        @Info(
            title = "Stepwell",
            version = "1",
            description = "Durable workflow execution over HTTP."),
    security = @SecurityRequirement(name = ApiDescription.BEARER))
@SecurityScheme(
    securitySchemeName = ApiDescription.BEARER,
    type = SecuritySchemeType.HTTP,
    scheme = "bearer",
    description = "An API key of the workspace, or the instance administrator's key.")
public final class ApiDescription extends Application {
  static final String BEARER = "apiKey";
}
