package io.stepwell.action.builtin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.action.ActionType;
import io.stepwell.action.Effect;
import io.stepwell.expression.ConfigTemplate;
import io.stepwell.expression.TemplateError;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Problem;
import io.stepwell.kernel.Times;
import io.stepwell.outbound.Mail;
import io.stepwell.outbound.MailSender;
import io.stepwell.outbound.OutboundException;
import io.stepwell.outbound.OutboundHttpClient;
import io.stepwell.outbound.OutboundRequest;
import io.stepwell.outbound.OutboundResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** Tells somebody something: in the inbox, and by mail or webhook where wanted. */
@ActionType("send_notification")
@ApplicationScoped
public class SendNotification implements ActionHandler {
  private static final String DEFAULT_SUBJECT = "Notification";
  private static final long MAX_RESPONSE_BYTES = 1 << 20;

  // the engine's timeout interrupts the attempt long before, or at last then
  private static final Duration DEADLINE = Duration.ofHours(1);

  private static final String SCHEMA =
      """
      {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Send a notification",
        "type": "object",
        "additionalProperties": false,
        "required": ["message", "recipient"],
        "properties": {
          "message": {
            "description": "The text.",
            "type": "string",
            "minLength": 1,
            "maxLength": 65536
          },
          "recipient": {
            "description": "Whom it is for: a user or, by email, the address.",
            "type": "string",
            "minLength": 1,
            "maxLength": 320
          },
          "channel": {
            "description": "How it is delivered; the inbox has it in any case.",
            "type": ["string", "null"],
            "enum": ["inbox", "email", "webhook", null],
            "default": "inbox"
          },
          "subject": {
            "description": "One line above the text; a mail without one has the subject Notification.",
            "type": ["string", "null"],
            "maxLength": 900
          },
          "url": {
            "description": "Where a webhook is sent: absolute http or https address; it may hold expressions.",
            "type": ["string", "null"],
            "maxLength": 8192,
            "pattern": "^(?i:https?)://|\\\\{\\\\{"
          }
        },
        "if": {"required": ["channel"], "properties": {"channel": {"const": "webhook"}}},
        "then": {"required": ["url"], "properties": {"url": {"type": "string"}}}
      }
      """;

  private final OutboundHttpClient client;
  private final MailSender mails;
  private final Ids ids;
  private final InstantSource time;

  SendNotification(OutboundHttpClient client, MailSender mails, Ids ids, InstantSource time) {
    this.client = client;
    this.mails = mails;
    this.ids = ids;
    this.time = time;
  }

  @Override
  public ObjectNode configSchema() {
    return (ObjectNode) Json.read(SCHEMA);
  }

  @Override
  public ConfigTemplate template(ObjectNode config, String pointer, List<TemplateError> errors) {
    return Addresses.template(config, pointer, errors);
  }

  @Override
  public List<Problem> problems(ObjectNode config, String pointer) {
    return Addresses.problems(config, pointer);
  }

  @Override
  public ActionResult handle(ActionContext context) throws InterruptedException {
    Fields fields = new Fields(context.config());
    String channel = fields.text("channel").orElse("inbox");
    try {
      switch (channel) {
        case "email" -> mail(context, fields);
        case "webhook" -> post(context, fields);
        case "inbox" -> {} // the row is the delivery
        default -> throw Fields.invalid("channel", "is none of inbox, email, webhook");
      }
    } catch (OutboundException e) {
      throw OutboundFailure.of(e);
    }
    return delivered(fields, channel, time.instant());
  }

  private ActionResult delivered(Fields fields, String channel, Instant at) {
    Effect.CreateNotification notification =
        new Effect.CreateNotification(
            ids.next(),
            channel,
            fields.required("recipient"),
            fields.text("subject").orElse(null),
            fields.required("message"),
            fields.text("url").orElse(null),
            at);
    ObjectNode output =
        Json.object()
            .put("notificationId", notification.id().toString())
            .put("channel", channel)
            .put("recipient", notification.recipient())
            .put("deliveredAt", Times.format(at));
    return ActionResult.success(output, notification);
  }

  private void mail(ActionContext context, Fields fields)
      throws OutboundException, InterruptedException {
    mails.send(
        new Mail(
            fields.required("recipient"),
            fields.text("subject").orElse(DEFAULT_SUBJECT),
            fields.required("message"),
            context.idempotencyKey()));
  }

  private void post(ActionContext context, Fields fields)
      throws OutboundException, InterruptedException {
    OutboundResponse response =
        client.send(
            new OutboundRequest(
                context.workspaceId(),
                "POST",
                url(fields),
                StepHeaders.of(context, Map.of("Content-Type", "application/json")),
                Json.write(payload(context, fields)).getBytes(StandardCharsets.UTF_8),
                false,
                false,
                MAX_RESPONSE_BYTES,
                DEADLINE),
            context.room());
    if (!SuccessStatus.DEFAULT.includes(response.status())) {
      throw HttpStatusFailure.of(response, time.instant());
    }
  }

  private static URI url(Fields fields) {
    return Addresses.of(fields.required("url"));
  }

  private static ObjectNode payload(ActionContext context, Fields fields) {
    return Json.object()
        .put("message", fields.required("message"))
        .put("subject", fields.text("subject").orElse(null))
        .put("recipient", fields.required("recipient"))
        .put("executionId", context.executionId().toString())
        .put("workflowId", context.workflowId().toString())
        .put("stepName", context.stepName());
  }
}
