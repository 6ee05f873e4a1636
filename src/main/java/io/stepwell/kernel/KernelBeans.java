package io.stepwell.kernel;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/** Makes time and ids injectable. */
final class KernelBeans {
  @Produces
  @Singleton
  InstantSource time() {
    return InstantSource.system();
  }

  @Produces
  @Singleton
  Outdated outdated() {
    return new Outdated();
  }

  @Produces
  @Singleton
  Turns turns() {
    return new Turns();
  }

  @Produces
  @Singleton
  Ids ids(InstantSource time) {
    return new Ids(time);
  }
}
