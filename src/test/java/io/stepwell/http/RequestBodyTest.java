package io.stepwell.http;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static io.stepwell.http.ProblemTest.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class RequestBodyTest {
  private static final int MIB = 1024 * 1024;

  @TestHTTPResource URI base;

  @Test
  void a_body_of_exactly_one_mebibyte_is_read() {
    as(ADMIN_KEY)
        .body(json(MIB))
        .post("/api/probe/size")
        .then()
        .statusCode(200)
        .body("length", equalTo(MIB));
  }

  @Test
  void a_body_of_one_byte_more_is_refused() {
    problem(
        as(ADMIN_KEY).body(json(MIB + 1)).post("/api/probe/size").then(), 413, "body_too_large");
  }

  @Test
  void a_client_that_sends_five_mebibytes_sees_the_refusal() throws Exception {
    HttpResponse<String> answer = post(BodyPublishers.ofByteArray(json(5 * MIB)));
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).contains("\"code\":\"body_too_large\"");
  }

  @Test
  void a_client_that_sends_three_mebibytes_in_chunks_sees_the_refusal() throws Exception {
    HttpResponse<String> answer =
        post(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(json(3 * MIB))));
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).contains("\"code\":\"body_too_large\"");
  }

  @Test
  void the_connection_goes_on_after_a_refused_body() throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.write(head("POST /api/probe/size", "Content-Length: " + 5 * MIB));
    request.write(json(5 * MIB));
    request.write(head("POST /api/probe/size", "Transfer-Encoding: chunked"));
    for (int i = 0; i < 3; i++) {
      request.write((Integer.toHexString(MIB) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      request.write(json(MIB));
      request.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    request.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    request.write(head("GET /api/probe/mdc", "Connection: close"));
    assertThat(exchange(request.toByteArray()).split("HTTP/1.1 "))
        .satisfiesExactly(
            nothing -> assertThat(nothing).isEmpty(),
            sized -> assertThat(sized).startsWith("413").contains("body_too_large"),
            chunked -> assertThat(chunked).startsWith("413").contains("body_too_large"),
            next -> assertThat(next).startsWith("200"));
  }

  @Test
  void a_refusal_for_want_of_a_key_is_seen_although_the_body_is_not_read() throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.write(
        ("POST /api/probe/size HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + ("Content-Length: " + 5 * MIB + "\r\n\r\n"))
            .getBytes(StandardCharsets.US_ASCII));
    request.write(json(5 * MIB));
    request.write(head("GET /api/probe/mdc", "Connection: close"));
    assertThat(exchange(request.toByteArray()).split("HTTP/1.1 "))
        .satisfiesExactly(
            nothing -> assertThat(nothing).isEmpty(),
            refused -> assertThat(refused).startsWith("401").contains("unauthenticated"),
            next -> assertThat(next).startsWith("200"));
  }

  @Test
  void a_length_beyond_all_measure_is_refused_before_it_is_sent() throws IOException {
    assertThat(exchange(head("POST /api/probe/size", "Content-Length: 9999999999")))
        .startsWith("HTTP/1.1 413");
  }

  @Test
  void a_client_that_asks_first_is_told_to_continue() throws IOException {
    byte[] head =
        head(
            "POST /api/probe/size",
            "Expect: 100-continue\r\nContent-Length: 2\r\nConnection: close");
    assertThat(exchange(concat(head, "{}".getBytes(StandardCharsets.US_ASCII))))
        .startsWith("HTTP/1.1 100")
        .contains("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"size", "strict"})
  void no_body_at_all_reads_as_missing(String method) throws IOException {
    String head =
        "POST /api/probe/%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n"
            .formatted(method, ADMIN_KEY);
    for (String more : new String[] {"", "Content-Length: 0\r\n"}) {
      assertThat(exchange((head + more + "\r\n").getBytes(StandardCharsets.US_ASCII)))
          .startsWith("HTTP/1.1 200")
          .contains("\"missing\":true");
    }
    as(ADMIN_KEY)
        .post("/api/probe/" + method)
        .then()
        .statusCode(200)
        .body("missing", equalTo(true));
  }

  @Test
  void a_method_that_needs_a_body_refuses_none() {
    problem(as(ADMIN_KEY).post("/api/probe/object").then(), 400, "invalid_request")
        .body("errors[0].pointer", equalTo(""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/json;charset=iso-8859-1",
        "multipart/form-data;boundary=x"
      })
  void a_body_of_another_type_is_415(String type) throws IOException {
    for (String method : new String[] {"size", "strict"}) {
      assertThat(exchange(withType(method, "Content-Type: " + type + "\r\n")))
          .startsWith("HTTP/1.1 415")
          .contains("\"code\":\"unsupported_media_type\"");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON",
        "application/json; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
        "application/vnd.example+json"
      })
  void json_by_any_of_its_names_is_read(String type) throws IOException {
    assertThat(exchange(withType("size", "Content-Type: " + type + "\r\n")))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void a_body_without_a_type_is_415() throws IOException {
    assertThat(exchange(withType("size", ""))).startsWith("HTTP/1.1 415");
    assertThat(exchange(withType("strict", ""))).startsWith("HTTP/1.1 415");
  }

  private static byte[] withType(String method, String header) {
    return ("POST /api/probe/%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
            + "%sContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        .formatted(method, ADMIN_KEY, header)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** A JSON string of this many bytes. */
  private static byte[] json(int bytes) {
    return ("\"" + "x".repeat(bytes - 2) + "\"").getBytes(StandardCharsets.US_ASCII);
  }

  private HttpResponse<String> post(BodyPublisher body) throws Exception {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return client.send(
          HttpRequest.newBuilder(base.resolve("/api/probe/size"))
              .header("Authorization", "Bearer " + ADMIN_KEY)
              .header("Content-Type", "application/json")
              .POST(body)
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static byte[] head(String line, String more) {
    return (line
            + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer "
            + ADMIN_KEY
            + "\r\n"
            + more
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  /** Sends everything, then reads until the server closes. */
  private String exchange(byte[] request) throws IOException {
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write(request);
      out.flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
