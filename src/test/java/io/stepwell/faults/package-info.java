/** Whether the promises hold while replicas, connections and the database fail under load. */
@NullMarked
package io.stepwell.faults;

import org.jspecify.annotations.NullMarked;
