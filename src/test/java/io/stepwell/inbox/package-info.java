@NullMarked
package io.stepwell.inbox;

import org.jspecify.annotations.NullMarked;
