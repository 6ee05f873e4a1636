package io.stepwell.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.MemorySize;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Turns;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jboss.resteasy.reactive.server.spi.ServerHttpResponse;
import org.junit.jupiter.api.Test;

class BodyMemoryTest {
  private static final UUID ONE = new UUID(0, 1);
  private static final UUID OTHER = new UUID(0, 2);
  private static final int LIMIT = 1 << 20;

  private final BodyMemory.Budget budget = new BodyMemory.Budget(6 << 20);

  @Test
  void large_bodies_beyond_the_part_of_their_workspace_are_refused_before_they_are_read()
      throws Exception {
    BodyMemory first = of(ONE);
    assertThat(read(first, new byte[LIMIT])).hasSize(LIMIT);
    ByteArrayInputStream unread = new ByteArrayInputStream(new byte[LIMIT]);

    assertThatThrownBy(() -> read(of(ONE), unread))
        .isInstanceOfSatisfying(
            Failure.class, refused -> assertThat(refused.kind()).isEqualTo(Failure.Kind.LIMITED));
    assertThat(unread.available()).isGreaterThan(LIMIT / 2);
    assertThatCode(() -> read(of(OTHER), new byte[LIMIT])).doesNotThrowAnyException();
    first.give();
    assertThatCode(() -> read(of(ONE), new byte[LIMIT])).doesNotThrowAnyException();
  }

  @Test
  void small_bodies_need_none() {
    BodyMemory first = of(ONE);
    first.takeUpTo(Long.MAX_VALUE);

    assertThatCode(() -> read(of(ONE), new byte[64 << 10])).doesNotThrowAnyException();
  }

  @Test
  void a_stored_document_that_is_parsed_again_counts_as_a_body() throws Exception {
    String stored = "[{}" + ",{}".repeat(LIMIT / 3 - 2) + "]";
    BodyMemory first = of(ONE);
    first.receive(stored.length());
    assertThat(first.parse(stored)).hasSize(LIMIT / 3 - 1);
    assertThatThrownBy(() -> of(ONE).receive(stored.length())).isInstanceOf(Failure.class);
    assertThatThrownBy(() -> read(of(ONE), new byte[LIMIT])).isInstanceOf(Failure.class);
    assertThatCode(() -> of(ONE).parse("[]")).doesNotThrowAnyException();
    first.give();
    assertThatCode(() -> of(ONE).receive(stored.length())).doesNotThrowAnyException();
  }

  private BodyMemory of(UUID workspace) {
    BodyMemory memory = new BodyMemory(budget, new Turns());
    memory.belongsTo(workspace);
    return memory;
  }

  private static byte[] read(BodyMemory memory, byte[] body) throws Exception {
    return read(memory, new ByteArrayInputStream(body));
  }

  @SuppressWarnings("NullAway")
  private static byte[] read(BodyMemory memory, InputStream body) throws Exception {
    // of a body within the limit it says nothing to the response
    ServerHttpResponse none = null;
    return new BoundedBody(config(), memory).read(body, 0, none);
  }

  private static HttpConfig config() {
    return new HttpConfig() {
      @Override
      public int maxBodyBytes() {
        return LIMIT;
      }

      @Override
      public int drainBytes() {
        return LIMIT;
      }

      @Override
      public Optional<MemorySize> bodyMemory() {
        return Optional.empty();
      }

      @Override
      public Optional<MemorySize> answerMemory() {
        return Optional.empty();
      }

      @Override
      public MemorySize slowReadingBytes() {
        throw new UnsupportedOperationException("of answers");
      }

      @Override
      public Duration slowReadingTime() {
        throw new UnsupportedOperationException("of answers");
      }
    };
  }
}
