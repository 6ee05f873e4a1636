@NullMarked
package io.stepwell;

import org.jspecify.annotations.NullMarked;
