@NullMarked
package io.stepwell.action.builtin;

import org.jspecify.annotations.NullMarked;
