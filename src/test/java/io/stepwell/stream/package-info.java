@NullMarked
package io.stepwell.stream;

import org.jspecify.annotations.NullMarked;
