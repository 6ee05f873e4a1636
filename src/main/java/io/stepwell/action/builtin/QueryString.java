package io.stepwell.action.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.PercentEncoding;
import java.util.StringJoiner;

/** Adds parameters to an address. */
final class QueryString {

  private QueryString() {}

  /**
   * The address with every parameter behind those that it has already, percent-encoded. An array
   * gives a parameter for each element; a null gives none.
   */
  static String append(String url, JsonNode parameters) {
    StringJoiner added = new StringJoiner("&");
    parameters
        .properties()
        .forEach(parameter -> {
          JsonNode value = parameter.getValue();
          if (value.isArray()) {
            value.forEach(element -> add(added, parameter.getKey(), element));
          } else {
            add(added, parameter.getKey(), value);
          }
        });
    if (added.length() == 0) {
      return url;
    }
    int fragment = url.indexOf('#');
    String address = fragment < 0 ? url : url.substring(0, fragment);
    return address + separator(address) + added;
  }

  private static String separator(String address) {
    if (address.indexOf('?') < 0) {
      return "?";
    }
    return address.endsWith("?") || address.endsWith("&") ? "" : "&";
  }

  private static void add(StringJoiner added, String name, JsonNode value) {
    if (!value.isNull()) {
      String text = value.isTextual() ? value.textValue() : Json.write(value);
      added.add(PercentEncoding.of(name) + "=" + PercentEncoding.of(text));
    }
  }
}
