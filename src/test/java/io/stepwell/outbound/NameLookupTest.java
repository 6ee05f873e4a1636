package io.stepwell.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.stepwell.outbound.OutboundException.Reason;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NameLookupTest {
  private static final UUID HOSTILE = new UUID(0, 1);
  private static final UUID STRANGER = new UUID(0, 2);

  private final CountDownLatch never = new CountDownLatch(1);
  private final AtomicInteger hanging = new AtomicInteger();
  private final NameLookup names = new NameLookup(this::resolve);

  private List<InetAddress> resolve(String name) {
    if (name.startsWith("silent")) {
      hanging.incrementAndGet();
      awaitUninterruptibly();
    }
    return List.of(InetAddress.getLoopbackAddress());
  }

  private void awaitUninterruptibly() {
    while (never.getCount() > 0) {
      try {
        never.await();
      } catch (InterruptedException e) {
        // as deaf as the JDK's own lookup
      }
    }
  }

  @AfterEach
  void stop() {
    never.countDown();
    names.close();
  }

  @Test
  void names_that_nobody_answers_for_keep_no_other_workspace_from_an_answer() throws Exception {
    for (int i = 0; i < 400; i++) {
      String name = "silent" + i;
      Thread.ofVirtual().start(() -> lookUp(name));
    }
    await().until(() -> hanging.get() == 16);

    for (int i = 0; i < 100; i++) {
      assertThat(names.resolve(STRANGER, "name" + i, Deadline.in(Duration.ofSeconds(20))))
          .isNotEmpty();
    }
    assertThat(hanging).as("half of the threads").hasValue(16);
    assertThatThrownBy(() -> names.resolve(HOSTILE, "name", Deadline.in(Duration.ofMillis(50))))
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns(Reason.TIMEOUT, OutboundException::reason);
  }

  @Test
  void a_place_is_given_back_when_its_look_up_ends() throws Exception {
    for (int i = 0; i < 200; i++) {
      names.resolve(HOSTILE, "name" + i, Deadline.in(Duration.ofSeconds(20)));
    }
    Thread.ofVirtual().start(() -> lookUp("silent"));
    await().until(() -> hanging.get() == 1);
    never.countDown();

    assertThat(names.resolve(HOSTILE, "name", Deadline.in(Duration.ofSeconds(20)))).isNotEmpty();
  }

  private void lookUp(String name) {
    try {
      names.resolve(HOSTILE, name, Deadline.in(Duration.ofSeconds(30)));
    } catch (OutboundException | InterruptedException e) {
      // it is never answered
    }
  }
}
