@NullMarked
package io.stepwell.scenario;

import org.jspecify.annotations.NullMarked;
