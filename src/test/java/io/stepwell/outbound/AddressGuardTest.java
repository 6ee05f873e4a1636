package io.stepwell.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stepwell.outbound.OutboundException.Reason;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {

  private Optional<Set<Integer>> ports = Optional.empty();
  private NameLookup names = new NameLookup(AddressGuardTest::unexpected);

  @AfterEach
  void stop() {
    names.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // loopback, private, link-local, shared
        "http://127.0.0.1/",
        "http://127.255.255.254/",
        "https://127.0.0.1:8443/",
        "http://0.0.0.0/",
        "http://0.1.2.3/",
        "http://10.0.0.1/",
        "http://10.255.255.255/",
        "http://172.16.0.1/",
        "http://172.31.255.255/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://100.127.255.255/",
        "http://100.100.100.200/latest/meta-data/",
        "http://169.254.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://168.63.129.16/",
        // special-purpose
        "http://192.0.0.1/",
        "http://192.0.0.192/",
        "http://192.0.2.1/",
        "http://192.88.99.1/",
        "http://198.18.0.1/",
        "http://198.19.255.255/",
        "http://198.51.100.7/",
        "http://203.0.113.9/",
        "http://224.0.0.1/",
        "http://239.255.255.255/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
        // odd spellings of IPv4
        "http://2130706433/",
        "http://017700000001/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0X7F.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://0177.0.0.1/",
        "http://127.0.0.01/",
        "http://127.0.0.0x1/",
        "http://1.2.3.4.5/",
        "http://256.256.256.256/",
        "http://8.8.8/",
        "http://0/",
        "http://127.0.0.1./",
        "http://%31%32%37.0.0.1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://１２７.0.0.1/",
        // IPv6
        "http://[::]/",
        "http://[::1]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[0000:0000:0000:0000:0000:0000:0000:0001]:80/",
        "http://[::127.0.0.1]/",
        "http://[::7f00:1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[0:0:0:0:0:ffff:a9fe:a9fe]/",
        "http://[::ffff:8.8.8.8]/",
        "http://[::ffff:0:127.0.0.1]/",
        "http://[64:ff9b::127.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[64:ff9b:1::1]/",
        "http://[64:ff9b:1::808:808]/",
        "http://[100::1]/",
        "http://[2001::1]/",
        "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "http://[2001:2::1]/",
        "http://[2001:db8::1]/",
        "http://[2002:7f00:1::]/",
        "http://[2002:a9fe:a9fe::1]/",
        "http://[3fff::1]/",
        "http://[fc00::1]/",
        "http://[fd00:ec2::254]/",
        "http://[fd12:3456::1]/",
        "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
        // other tricks of the authority
        "http://user@8.8.8.8/",
        "http://user:secret@example.org/",
        "http://8.8.8.8@127.0.0.1/",
        "http://@example.org/",
        "http://example.org./",
        "http://localhost./",
        "http://bücher.example/",
        "http://exa%6dple.org/",
        "http://a..b/",
        "http://-a.example/",
        "http://example.org:0/",
        "http://example.org:65536/",
        "http://example.org:80:80/",
        "ftp://8.8.8.8/",
        "file://8.8.8.8/etc/passwd",
        "gopher://8.8.8.8/",
        "ws://8.8.8.8/",
      })
  void what_is_not_plainly_public_is_denied_without_a_lookup(String url) {
    assertThatThrownBy(() -> admit("", url))
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns("address_denied", OutboundException::code)
        .returns(false, OutboundException::retryable);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://1.1.1.1/",
        "http://8.8.8.8:8080/",
        "http://9.255.255.255/",
        "http://11.0.0.1/",
        "http://100.63.255.255/",
        "http://100.128.0.1/",
        "http://126.255.255.255/",
        "http://128.0.0.1/",
        "http://169.253.255.255/",
        "http://172.15.255.255/",
        "http://172.32.0.1/",
        "http://192.0.1.1/",
        "http://192.169.0.1/",
        "http://198.20.0.1/",
        "http://223.255.255.255/",
        "https://[2606:4700:4700::1111]/",
        "https://[2001:4860:4860::8888]/",
        "https://[2a00:1450::1]:8443/",
        "https://[64:ff9b::8.8.8.8]/",
      })
  void a_public_address_is_admitted(String url) throws Exception {
    Target target = Target.of(URI.create(url));

    assertThat(admit("", url)).isEqualTo(target.literal().orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "::1",
        "fd00:ec2::254",
        "64:ff9b::a00:1"
      })
  void a_name_that_leads_inside_is_denied(String address) {
    resolving(address);

    assertDenied("", "http://rebind.example/");
  }

  @Test
  void a_resolved_ipv4_mapped_address_is_judged_as_the_ipv4_address() {
    byte[] mapped = new byte[16];
    mapped[10] = mapped[11] = (byte) 0xFF;
    mapped[12] = 127;
    mapped[15] = 1;
    resolvingTo(IpLiteral.of(mapped));

    assertDenied("", "http://mapped.example/");
  }

  @Test
  void one_denied_address_among_public_ones_refuses_the_name() {
    resolving("8.8.8.8", "10.0.0.1");

    assertDenied("", "http://mixed.example/");
  }

  @Test
  void a_name_gets_the_first_of_its_public_addresses() throws Exception {
    resolving("8.8.8.8", "1.1.1.1");

    assertThat(admit("", "http://Example.ORG/").getHostAddress()).isEqualTo("8.8.8.8");
  }

  @Test
  void an_allowed_network_covers_its_addresses_and_no_neighbour() throws Exception {
    assertThat(admit("10.1.0.0/16,fd12::/16", "http://10.1.2.3/").getHostAddress())
        .isEqualTo("10.1.2.3");
    assertThat(admit("10.1.0.0/16,fd12::/16", "http://[fd12::1]/")).isNotNull();
    assertDenied("10.1.0.0/16,fd12::/16", "http://10.2.0.1/");
    assertDenied("10.1.0.0/16,fd12::/16", "http://[fd13::1]/");
  }

  @Test
  void an_allowed_network_does_not_excuse_an_odd_spelling() {
    assertDenied("127.0.0.0/8", "http://2130706433/");
    assertDenied("127.0.0.0/8", "http://[::ffff:127.0.0.1]/");
  }

  @Test
  void an_allowed_name_may_lead_inside_and_covers_itself_alone() throws Exception {
    resolving("10.0.0.1");

    assertThat(admit("host.example", "http://HOST.example/").getHostAddress())
        .isEqualTo("10.0.0.1");
    assertDenied("host.example", "http://other.host.example/");
    assertDenied("host.example", "http://ahost.example/");
    assertDenied("host.example", "http://10.0.0.1/");
  }

  @Test
  void an_allowed_suffix_covers_the_names_below_it_and_not_itself() throws Exception {
    resolving("10.0.0.1");

    assertThat(admit("*.example.org", "http://a.b.example.org/")).isNotNull();
    assertDenied("*.example.org", "http://example.org/");
    assertDenied("*.example.org", "http://badexample.org/");
  }

  @Test
  void a_name_that_does_not_exist_is_answered_as_a_private_one_is() {
    resolving("10.0.0.1");
    String ofPrivate = denial("http://name.example/");
    unknown("name.example: Name or service not known");

    assertThat(denial("http://name.example/")).isEqualTo(ofPrivate);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x: Temporary failure in name resolution", "x: Try again"})
  void a_name_service_that_has_no_answer_now_may_have_one_later(String message) {
    unknown(message);

    assertThatThrownBy(() -> admit("", "http://name.example/"))
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns(Reason.CONNECT_FAILED, OutboundException::reason)
        .returns(true, OutboundException::retryable);
  }

  private void unknown(String message) {
    names =
        new NameLookup(name -> {
          throw new UnknownHostException(message);
        });
  }

  private String denial(String url) {
    var denied = assertThatThrownBy(() -> admit("", url));
    denied
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns(Reason.ADDRESS_DENIED, OutboundException::reason);
    return String.valueOf(denied.actual().getMessage());
  }

  @Test
  void only_the_ports_that_the_operator_lists_are_called() throws Exception {
    ports = Optional.of(Set.of(443, 8443));
    resolving("93.184.216.34");

    assertThat(admit("", "https://name.example/")).isNotNull();
    assertThat(admit("", "http://name.example:8443/")).isNotNull();
    assertDenied("", "http://name.example/");
    assertDenied("", "https://93.184.216.34:22/");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0/33",
        "10.0.0.1/8",
        "10.0.0/8",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "::1/129",
        "fc00::/7/7",
        "*",
        "*.",
        "*.*.example",
        "exa mple",
        "http://example.org",
        "example.org:80",
        "0x7f.1",
        "::ffff:10.0.0.1",
      })
  void an_entry_of_the_allow_list_that_means_nothing_is_refused(String entry) {
    assertThatThrownBy(() -> AllowList.parse(List.of("host.example", entry)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stepwell.outbound.allow");
  }

  private void assertDenied(String allow, String url) {
    assertThatThrownBy(() -> admit(allow, url))
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns(Reason.ADDRESS_DENIED, OutboundException::reason);
  }

  private InetAddress admit(String allow, String url)
      throws OutboundException, InterruptedException {
    AllowList list = AllowList.parse(allow.isEmpty() ? List.of() : List.of(allow.split(",")));
    return new AddressGuard(list, ports, names, Duration.ofSeconds(5))
        .admit(Settings.WORKSPACE, Target.of(URI.create(url)), Deadline.in(Duration.ofSeconds(5)));
  }

  private void resolving(String... addresses) {
    resolvingTo(
        Arrays.stream(addresses)
            .map(text -> IpLiteral.parse(text).orElseThrow())
            .toArray(InetAddress[]::new));
  }

  private void resolvingTo(InetAddress... addresses) {
    names.close();
    names = new NameLookup(name -> List.of(addresses));
  }

  private static List<InetAddress> unexpected(String name) {
    throw new AssertionError("looked up: " + name);
  }
}
