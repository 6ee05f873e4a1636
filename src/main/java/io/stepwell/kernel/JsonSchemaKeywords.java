package io.stepwell.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.MessageSourceError;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaContext;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.format.Format;
import com.networknt.schema.keyword.BaseKeywordValidator;
import com.networknt.schema.keyword.FormatValidator;
import com.networknt.schema.keyword.Keyword;
import com.networknt.schema.keyword.KeywordType;
import com.networknt.schema.keyword.KeywordValidator;
import com.networknt.schema.path.NodePath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Draft 2020-12, but for what takes a single step of the library more than linear time: formats are
 * asked of short texts only, and items are told apart by order and not by hash.
 */
final class JsonSchemaKeywords {
  private static final int MAX_CHARACTERS_OF_FORMAT = 2048;

  // what RFC 5321 allows; the check takes the square of it
  private static final int MAX_CHARACTERS_OF_EMAIL = 320;

  private JsonSchemaKeywords() {}

  static Dialect dialect() {
    return Dialect.builder(Dialects.getDraft202012())
        .formats(formats -> formats.replaceAll((name, format) -> new ShortFormat(format)))
        .keyword(new UniqueItems())
        .build();
  }

  /** A format that a long text never has. */
  private record ShortFormat(Format format) implements Format {
    @Override
    public String getName() {
      return format.getName();
    }

    @Override
    public String getMessageKey() {
      return format.getMessageKey();
    }

    @Override
    public void validate(
        ExecutionContext execution,
        SchemaContext schema,
        JsonNode node,
        JsonNode root,
        NodePath place,
        boolean asserted,
        Supplier<MessageSourceError.Builder> error,
        FormatValidator validator) {
      JsonSchemaEvaluation.look();
      int most = getName().endsWith("email") ? MAX_CHARACTERS_OF_EMAIL : MAX_CHARACTERS_OF_FORMAT;
      if (asserted && node.isTextual() && node.textValue().length() > most) {
        execution.addError(error.get().message("is longer than " + most + " characters").build());
      } else {
        format.validate(execution, schema, node, root, place, asserted, error, validator);
      }
    }
  }

  private static final class UniqueItems implements Keyword {
    @Override
    public String getValue() {
      return KeywordType.UNIQUE_ITEMS.getValue();
    }

    @Override
    public KeywordValidator newValidator(
        SchemaLocation location, JsonNode value, Schema parent, SchemaContext context) {
      return new UniqueItemsValidator(location, value, parent, context);
    }
  }

  private static final class UniqueItemsValidator extends BaseKeywordValidator {
    private final boolean unique;

    UniqueItemsValidator(
        SchemaLocation location, JsonNode value, Schema parent, SchemaContext context) {
      super(KeywordType.UNIQUE_ITEMS, value, location, parent, context);
      this.unique = value.booleanValue();
    }

    @Override
    public void validate(ExecutionContext execution, JsonNode node, JsonNode root, NodePath place) {
      if (unique && node.isArray() && !areUnique(node)) {
        execution.addError(
            error()
                .instanceNode(node)
                .instanceLocation(place)
                .evaluationPath(execution.getEvaluationPath())
                .locale(execution.getExecutionConfig().getLocale())
                .build());
      }
    }

    // a set of strings goes by their order where their hashes are the same
    private static boolean areUnique(JsonNode items) {
      Set<String> seen = new HashSet<>();
      for (JsonNode item : items) {
        JsonSchemaEvaluation.look();
        if (!seen.add(canonical(item).toString())) {
          return false;
        }
      }
      return true;
    }
  }

  /** Equal for equal values: members by name, numbers by their value. */
  private static JsonNode canonical(JsonNode value) {
    if (value.isNumber()) {
      return DecimalNode.valueOf(value.decimalValue().stripTrailingZeros());
    }
    if (value.isArray()) {
      List<JsonNode> elements = new ArrayList<>();
      value.forEach(element -> elements.add(canonical(element)));
      return Json.array().addAll(elements);
    }
    if (value.isObject()) {
      TreeMap<String, JsonNode> members = new TreeMap<>();
      value.properties().forEach(m -> members.put(m.getKey(), canonical(m.getValue())));
      return Json.object().setAll(members);
    }
    return value;
  }
}
