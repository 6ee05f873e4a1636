package io.stepwell.action;

import jakarta.enterprise.inject.Stereotype;
import jakarta.enterprise.util.AnnotationLiteral;
import jakarta.inject.Qualifier;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says which action type a handler runs: {@code @ActionType("custom_action") @ApplicationScoped
 * class CustomAction implements ActionHandler}. Two beans of one type stop the start.
 *
 * <p>A class that carries it is a bean, also when its author forgot the scope; one instance then
 * serves every step.
 */
@Qualifier
@Stereotype // bean-defining: a handler that is silently no bean is only missed when a step needs it
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.FIELD, ElementType.PARAMETER})
public @interface ActionType {
  /** The type as a workflow names it, {@code ^[a-z][a-z0-9_]{0,62}$}. */
  String value();

  /** For looking a handler up by its type. */
  final class Literal extends AnnotationLiteral<ActionType> implements ActionType {
    private static final long serialVersionUID = 1L;
    private final String value;

    public Literal(String value) {
      this.value = value;
    }

    @Override
    public String value() {
      return value;
    }
  }
}
