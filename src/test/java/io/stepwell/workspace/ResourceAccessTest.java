package io.stepwell.workspace;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import jakarta.ws.rs.HttpMethod;
import org.junit.jupiter.api.Test;

class ResourceAccessTest {
  private static final DescribedPredicate<JavaMethod> RESOURCE_METHOD =
      DescribedPredicate.describe(
          "answers requests", method -> method.isMetaAnnotatedWith(HttpMethod.class));

  @Test
  void every_resource_method_says_who_may_call_it() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.stepwell");
    methods().that(RESOURCE_METHOD).should().beAnnotatedWith(Access.class).check(classes);
  }
}
