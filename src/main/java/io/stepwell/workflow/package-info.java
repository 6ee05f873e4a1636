@NullMarked
package io.stepwell.workflow;

import org.jspecify.annotations.NullMarked;
