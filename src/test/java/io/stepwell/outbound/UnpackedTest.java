package io.stepwell.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stepwell.kernel.Room;
import io.stepwell.outbound.OutboundException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnpackedTest {
  private static final byte[] TEXT = "all is well, all is well".getBytes(StandardCharsets.UTF_8);

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "x-gzip", "GZIP", "deflate", "deflate without zlib"})
  void a_compressed_body_is_unpacked_and_its_header_gone(String coding) throws Exception {
    OutboundResponse response = unpacked(coding, pack(coding, TEXT), TEXT.length);

    assertThat(response.body()).isEqualTo(TEXT);
    assertThat(response.headers()).containsOnlyKeys("x-other");
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "zstd", "gzip, gzip", "identity", ""})
  void what_is_not_known_stays_as_it_is(String coding) throws Exception {
    OutboundResponse response = unpacked(coding, TEXT, TEXT.length);

    assertThat(response.body()).isEqualTo(TEXT);
    assertThat(response.headers()).containsKey("content-encoding");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate"})
  void the_bound_is_that_of_the_unpacked_body(String coding) throws Exception {
    byte[] packed = pack(coding, new byte[1000]);

    assertThat(unpacked(coding, packed, 1000).body()).hasSize(1000);
    assertFails(Reason.RESPONSE_TOO_LARGE, coding, packed, 999);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate"})
  void what_is_not_compressed_or_breaks_off_is_a_failed_answer(String coding) throws Exception {
    byte[] packed = pack(coding, TEXT);

    assertFails(Reason.CONNECT_FAILED, coding, TEXT, 1000);
    assertFails(Reason.CONNECT_FAILED, coding, Arrays.copyOf(packed, packed.length / 2), 1000);
  }

  @Test
  void a_large_body_has_room_before_it_is_whole() throws Exception {
    AtomicLong taken = new AtomicLong();
    Room room =
        new Room() {
          @Override
          public void take(long bytes) {
            taken.set(bytes);
          }

          @Override
          public void give() {}
        };
    byte[] packed = pack("gzip", new byte[OutboundHttpClient.LARGE_BODY + 1]);

    Unpacked.of(response("gzip", packed), 1 << 20, room);

    assertThat(taken.get()).isGreaterThanOrEqualTo(1 << 20);
  }

  private static byte[] pack(String coding, byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream packing =
        switch (coding) {
          case "deflate" -> new DeflaterOutputStream(packed);
          case "deflate without zlib" -> new DeflaterOutputStream(packed, new Deflater(9, true));
          default -> new GZIPOutputStream(packed);
        }) {
      packing.write(bytes);
    }
    return packed.toByteArray();
  }

  private static OutboundResponse unpacked(String coding, byte[] body, long maxBytes)
      throws Exception {
    return Unpacked.of(response(coding, body), maxBytes, Room.UNBOUNDED);
  }

  private static OutboundResponse response(String coding, byte[] body) {
    Map<String, List<String>> headers =
        Map.of(
            "content-encoding", List.of(coding.replace(" without zlib", "")),
            "content-length", List.of(String.valueOf(body.length)),
            "x-other", List.of("stays"));
    return new OutboundResponse(200, headers, body, 0);
  }

  private static void assertFails(Reason reason, String coding, byte[] body, long maxBytes) {
    assertThatThrownBy(() -> unpacked(coding, body, maxBytes))
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns(reason, OutboundException::reason);
  }
}
