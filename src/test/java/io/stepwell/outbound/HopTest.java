package io.stepwell.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stepwell.outbound.OutboundException.Reason;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HopTest {

  private static final Map<String, List<String>> HEADERS =
      Map.of(
          "Authorization", List.of("Bearer t"),
          "Cookie", List.of("c=1"),
          "X-Api-Key", List.of("k"),
          "Content-Type", List.of("application/json"),
          "Accept", List.of("application/json"),
          "Idempotency-Key", List.of("e:step"));

  @ParameterizedTest
  @CsvSource({
    "POST, 301, GET, false",
    "POST, 302, GET, false",
    "POST, 303, GET, false",
    "POST, 307, POST, true",
    "POST, 308, POST, true",
    "PUT, 301, PUT, true",
    "PUT, 302, PUT, true",
    "PUT, 303, GET, false",
    "HEAD, 303, HEAD, true",
  })
  void the_status_decides_over_method_and_body(
      String method, int status, String nextMethod, boolean keepsBody) throws Exception {
    Hop next = hop(method, "https://a.example/x").next(redirect(status, "/y")).orElseThrow();

    assertThat(next.method()).isEqualTo(nextMethod);
    assertThat(next.body() != null).isEqualTo(keepsBody);
    assertThat(next.headers().has("content-type")).isEqualTo(keepsBody);
    assertThat(next.headers().has("authorization")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://b.example/",
        "https://a.example:8443/",
        "//b.example/",
        "https://a.a.example/"
      })
  void another_origin_gets_no_header_that_could_be_a_credential(String location) throws Exception {
    Hop next = hop("POST", "https://a.example/x").next(redirect(307, location)).orElseThrow();

    assertThat(next.headers().values())
        .containsOnlyKeys("Content-Type", "Accept", "Idempotency-Key");
  }

  @ParameterizedTest
  @CsvSource({"POST, 307", "POST, 308", "PUT, 301", "PATCH, 302"})
  void a_body_goes_to_another_origin_only_where_the_request_allows_it(String method, int status)
      throws Exception {
    Hop hop = Hop.first(request(method, "https://a.example/x", HEADERS, false));

    assertThat(hop.next(redirect(status, "/y"))).isPresent();
    assertThatThrownBy(() -> hop.next(redirect(status, "https://b.example/")))
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns("redirect_denied", OutboundException::code);
    assertThat(hop.next(redirect(303, "https://b.example/"))).isPresent();
  }

  @Test
  void a_redirect_that_changes_the_query_alone_keeps_the_path() throws Exception {
    Hop next =
        hop("GET", "https://a.example/list?page=1").next(redirect(302, "?x=1")).orElseThrow();

    assertThat(next.target().requestUri()).isEqualTo("/list?x=1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/y", "y", "https://a.example/y", "https://A.example:443/y"})
  void the_same_origin_gets_all_headers(String location) throws Exception {
    Hop next = hop("POST", "https://a.example").next(redirect(307, location)).orElseThrow();

    assertThat(next.headers().values()).hasSameSizeAs(HEADERS);
    assertThat(next.target().requestUri()).isEqualTo("/y");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://a.example/", "ftp://a.example/", "https://u@a.example/"})
  void a_redirect_to_what_is_not_safe_is_refused(String location) {
    assertThatThrownBy(() -> hop("GET", "https://a.example/").next(redirect(302, location)))
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns(Reason.ADDRESS_DENIED, OutboundException::reason);
  }

  @Test
  void what_names_no_readable_place_is_no_redirect() throws Exception {
    Hop hop = hop("GET", "https://a.example/");

    assertThat(hop.next(redirect(302, "http://[not a uri"))).isEmpty();
    assertThat(hop.next(new OutboundResponse(302, Map.of(), new byte[0], 0))).isEmpty();
    assertThat(hop.next(redirect(304, "/y"))).isEmpty();
    assertThat(hop.next(redirect(200, "/y"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host",
        "content-length",
        "Transfer-Encoding",
        "Connection",
        "Upgrade",
        "TE",
        "Trailer",
        "Expect",
        "Proxy-Authorization",
        "Keep-Alive",
        "X-Forwarded-For",
        "x-forwarded-host",
        "Forwarded",
        "Via",
        "Proxy-Anything",
        "Metadata",
        "Metadata-Flavor",
        "X-aws-ec2-metadata-token",
        "X-Google-Metadata-Request",
        "bad name",
        "bad:name",
        "bad\r\nname",
        "",
        "né",
      })
  void a_header_that_is_not_the_callers_is_refused(String name) {
    assertInvalid(request("GET", "https://a.example/", Map.of(name, List.of("x"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "ĊX-Evil: 1", "é", "\u007f"})
  void a_value_that_could_break_the_line_is_refused_and_not_repeated(String value) {
    assertInvalid(request("GET", "https://a.example/", Map.of("X-Key", List.of("secret" + value))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"CONNECT", "TRACE", "get", "GET /x HTTP/1.1\r\n", ""})
  void another_method_is_refused(String method) {
    assertInvalid(request(method, "https://a.example/", Map.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/relative", "mailto:a@b.example", "http:/nohost"})
  void a_url_without_a_host_is_refused(String url) {
    assertInvalid(request("GET", url, Map.of()));
  }

  @Test
  void characters_beyond_ascii_are_encoded_and_the_fragment_stays_here() throws Exception {
    Target target = Target.of(URI.create("https://a.example/ü?q=ä#part"));

    assertThat(target.requestUri()).isEqualTo("/%C3%BC?q=%C3%A4");
  }

  private static void assertInvalid(OutboundRequest request) {
    assertThatThrownBy(() -> Hop.first(request))
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns("invalid_request", OutboundException::code)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  private static OutboundResponse redirect(int status, String location) {
    return new OutboundResponse(status, Map.of("location", List.of(location)), new byte[0], 0);
  }

  private static Hop hop(String method, String url) throws OutboundException {
    return Hop.first(request(method, url, HEADERS));
  }

  private static OutboundRequest request(
      String method, String url, Map<String, List<String>> headers) {
    return request(method, url, headers, true);
  }

  private static OutboundRequest request(
      String method, String url, Map<String, List<String>> headers, boolean bodyMayGoElsewhere) {
    return new OutboundRequest(
        Settings.WORKSPACE,
        method,
        URI.create(url),
        headers,
        "{}".getBytes(StandardCharsets.UTF_8),
        true,
        bodyMayGoElsewhere,
        1024,
        Duration.ofSeconds(5));
  }
}
