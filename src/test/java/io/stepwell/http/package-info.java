@NullMarked
package io.stepwell.http;

import org.jspecify.annotations.NullMarked;
