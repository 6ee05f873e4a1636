package io.stepwell.expression;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Tells the build of a native executable what the library's parser serializes: for {@code ??} and
 * {@code ?:} it copies their left side so, and with it the whole parser.
 */
@RegisterForReflection(
    serialization = true,
    ignoreNested = true,
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
final class ParserReflection {
  private ParserReflection() {}
}
