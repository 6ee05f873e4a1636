/** Whether what was acknowledged survives the death of real processes. */
@NullMarked
package io.stepwell.durability;

import org.jspecify.annotations.NullMarked;
