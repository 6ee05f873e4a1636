package io.stepwell.action.builtin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.expression.ConfigTemplate;
import io.stepwell.expression.Template;
import io.stepwell.expression.TemplateError;
import io.stepwell.kernel.Problem;
import io.stepwell.outbound.OutboundException;
import io.stepwell.outbound.OutboundUrl;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The member {@code url} of a config: where a step sends a request. */
final class Addresses {
  private static final String MEMBER = "url";

  private Addresses() {}

  /** A template in which what stands in the address is encoded for its place. */
  static ConfigTemplate template(ObjectNode config, String pointer, List<TemplateError> errors) {
    return Template.parse(config, pointer, errors, MEMBER);
  }

  /** Why no request can ever be sent to this address, whatever its expressions give. */
  static List<Problem> problems(ObjectNode config, String pointer) {
    return Template.exampleOfUrl(config.path(MEMBER).asText())
        .filter(url -> url.toLowerCase(Locale.ROOT).startsWith("http"))
        .flatMap(Addresses::problem)
        .map(detail -> List.of(new Problem(Problem.child(pointer, MEMBER), detail)))
        .orElse(List.of());
  }

  private static Optional<String> problem(String url) {
    try {
      OutboundUrl.parse(url);
      return Optional.empty();
    } catch (OutboundException e) {
      return Optional.of("can never be called: " + e.getMessage());
    }
  }

  /** The address that a step was given. */
  static URI of(String url) {
    try {
      return OutboundUrl.parse(url);
    } catch (OutboundException e) {
      throw OutboundFailure.of(e);
    }
  }
}
