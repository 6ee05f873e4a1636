@NullMarked
package io.stepwell.sample;

import org.jspecify.annotations.NullMarked;
