@NullMarked
package io.stepwell.workspace;

import org.jspecify.annotations.NullMarked;
