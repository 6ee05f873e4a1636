package io.stepwell.http;

import io.quarkus.runtime.configuration.ConfigUtils;
import io.quarkus.smallrye.openapi.runtime.OpenApiDocumentService;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.build.compatible.spi.BuildCompatibleExtension;
import jakarta.enterprise.inject.build.compatible.spi.ClassConfig;
import jakarta.enterprise.inject.build.compatible.spi.Enhancement;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InterceptorBinding;
import jakarta.interceptor.InvocationContext;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.jspecify.annotations.Nullable;

/**
 * Has Quarkus read the OpenAPI document when somebody first asks for it and not at every start,
 * where parsing it and writing it again takes a good part of the time. Newer versions of Quarkus do
 * so themselves (quarkusio/quarkus#55538): with one of them this goes.
 */
@Interceptor
@ApiDocumentWhenAsked.Binding
@Priority(Interceptor.Priority.LIBRARY_BEFORE)
class ApiDocumentWhenAsked {
  private @Nullable InvocationContext preparation;

  /** What is intercepted so. */
  @InterceptorBinding
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface Binding {}

  /** Binds it, while the application is built. */
  public static final class Extension implements BuildCompatibleExtension {
    @Enhancement(types = OpenApiDocumentService.class)
    public void bind(ClassConfig service) {
      // elsewhere the class loader of the one does not see the other, and nobody counts
      // milliseconds
      if (ConfigUtils.isProfileActive("prod")) {
        service.addAnnotation(Binding.class);
      }
    }
  }

  @AroundInvoke
  synchronized @Nullable Object around(InvocationContext call) throws Exception {
    if (call.getMethod().getName().equals("prepareDocument")) {
      preparation = call;
      return null;
    }
    if (preparation != null) {
      preparation.proceed();
      preparation = null;
    }
    return call.proceed();
  }
}
