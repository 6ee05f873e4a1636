@NullMarked
package io.stepwell.expression;

import org.jspecify.annotations.NullMarked;
