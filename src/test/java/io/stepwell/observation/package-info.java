/** What a replica shows of itself: metrics, traces, logs. */
@NullMarked
package io.stepwell.observation;

import org.jspecify.annotations.NullMarked;
