package io.stepwell.expression;

import com.dashjoin.jsonata.Functions;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Tells the build of a native executable what the library reaches by reflection: its functions by
 * their names, and its parser by serialization, which is how {@code ??} and {@code ?:} copy their
 * left side.
 */
@SuppressWarnings("UnusedNestedClass") // the annotations are what is used
final class LibraryReflection {
  private LibraryReflection() {}

  @RegisterForReflection(targets = Functions.class, fields = false)
  private static final class ByName {}

  @RegisterForReflection(
      serialization = true,
      methods = false,
      fields = false,
      classNames = {
        "[Lcom.dashjoin.jsonata.Parser$Symbol;",
        "com.dashjoin.jsonata.Parser",
        "com.dashjoin.jsonata.Parser$1",
        "com.dashjoin.jsonata.Parser$2",
        "com.dashjoin.jsonata.Parser$3",
        "com.dashjoin.jsonata.Parser$4",
        "com.dashjoin.jsonata.Parser$5",
        "com.dashjoin.jsonata.Parser$6",
        "com.dashjoin.jsonata.Parser$7",
        "com.dashjoin.jsonata.Parser$8",
        "com.dashjoin.jsonata.Parser$9",
        "com.dashjoin.jsonata.Parser$10",
        "com.dashjoin.jsonata.Parser$11",
        "com.dashjoin.jsonata.Parser$12",
        "com.dashjoin.jsonata.Parser$13",
        "com.dashjoin.jsonata.Parser$14",
        "com.dashjoin.jsonata.Parser$15",
        "com.dashjoin.jsonata.Parser$16",
        "com.dashjoin.jsonata.Parser$17",
        "com.dashjoin.jsonata.Parser$18",
        "com.dashjoin.jsonata.Parser$Infix",
        "com.dashjoin.jsonata.Parser$InfixAndPrefix",
        "com.dashjoin.jsonata.Parser$InfixR",
        "com.dashjoin.jsonata.Parser$Prefix",
        "com.dashjoin.jsonata.Parser$Symbol",
        "com.dashjoin.jsonata.Parser$Terminal",
        "com.dashjoin.jsonata.Tokenizer",
        "java.lang.Boolean",
        "java.lang.Character",
        "java.lang.Double",
        "java.lang.Integer",
        "java.lang.Long",
        "java.lang.Number",
        "java.lang.String",
        "java.util.ArrayList",
        "java.util.HashMap",
        "java.util.regex.Pattern"
      })
  private static final class BySerialization {}
}
