package io.stepwell.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundUrlTest {

  // RFC 3986 section 5.4, but for what has another scheme
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      textBlock =
          """
          g:h           | g:h
          g             | http://a/b/c/g
          ./g           | http://a/b/c/g
          g/            | http://a/b/c/g/
          /g            | http://a/g
          //g           | http://g
          ?y            | http://a/b/c/d;p?y
          g?y           | http://a/b/c/g?y
          #s            | http://a/b/c/d;p?q
          g#s           | http://a/b/c/g
          g?y#s         | http://a/b/c/g?y
          ;x            | http://a/b/c/;x
          g;x           | http://a/b/c/g;x
          g;x?y#s       | http://a/b/c/g;x?y
          ''            | http://a/b/c/d;p?q
          .             | http://a/b/c/
          ./            | http://a/b/c/
          ..            | http://a/b/
          ../           | http://a/b/
          ../g          | http://a/b/g
          ../..         | http://a/
          ../../        | http://a/
          ../../g       | http://a/g
          ../../../g    | http://a/g
          ../../../../g | http://a/g
          /./g          | http://a/g
          /../g         | http://a/g
          g.            | http://a/b/c/g.
          .g            | http://a/b/c/.g
          g..           | http://a/b/c/g..
          ..g           | http://a/b/c/..g
          ./../g        | http://a/b/g
          ./g/.         | http://a/b/c/g/
          g/./h         | http://a/b/c/g/h
          g/../h        | http://a/b/c/h
          g;x=1/./y     | http://a/b/c/g;x=1/y
          g;x=1/../y    | http://a/b/c/y
          g?y/./x       | http://a/b/c/g?y/./x
          g?y/../x      | http://a/b/c/g?y/../x
          """)
  void a_reference_leads_where_the_standard_says(String reference, String target) {
    assertThat(OutboundUrl.resolve(URI.create("http://a/b/c/d;p?q"), reference).map(URI::toString))
        .contains(target);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /a b              | http://a/a%20b
          /ü?q=é            | http://a/%C3%BC?q=%C3%A9
          '/"<>\\^`{}'      | http://a/%22%3C%3E%5C%5E%60%7B%7D
          /100%             | http://a/100%25
          /%zz%41           | http://a/%25zz%41
          """)
  void what_does_not_belong_into_an_address_is_encoded(String written, String target) {
    // as it comes from the wire: each byte a character
    String reference =
        new String(written.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);

    assertThat(OutboundUrl.resolve(URI.create("http://a/b"), reference).map(URI::toString))
        .contains(target);
  }

  @ParameterizedTest
  @CsvSource({
    "http://münchen.example/x, http://xn--mnchen-3ya.example/x",
    "https://MÜNCHEN.example:8443, https://xn--mnchen-3ya.example:8443",
    "http://例え.jp/?q=1, http://xn--r8jz45g.jp/?q=1",
    "http://host.example/ü, http://host.example/ü",
  })
  void a_host_of_any_script_is_called_by_its_ascii_name(String written, String called)
      throws Exception {
    assertThat(OutboundUrl.parse(written)).hasToString(called);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/path",
        "host.example/x",
        "ftp://host.example/",
        "http://",
        "http://user@host.example/",
        "http://host.example:70000/",
        "http://host.example:x/",
        "http://a b.example/",
        "http://host.example/a b",
        "http://127.1/",
        "http://①②⑦.1/",
        "http://ho%73t.example/",
        "http://münchen..example/",
        "http://host.example/{id}",
      })
  void what_can_never_be_called_is_refused_without_being_repeated(String url) {
    assertThatThrownBy(() -> OutboundUrl.parse(url))
        .isInstanceOf(OutboundException.class)
        .satisfies(e ->
            assertThat(url.isEmpty() || !String.valueOf(e.getMessage()).contains(url)).isTrue());
  }
}
