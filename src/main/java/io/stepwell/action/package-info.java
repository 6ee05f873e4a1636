@NullMarked
package io.stepwell.action;

import org.jspecify.annotations.NullMarked;
