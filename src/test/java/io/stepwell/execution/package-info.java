@NullMarked
package io.stepwell.execution;

import org.jspecify.annotations.NullMarked;
