@NullMarked
package io.stepwell.kernel;

import org.jspecify.annotations.NullMarked;
