/** What holds for every table, whichever room owns it. */
@NullMarked
package io.stepwell.tables;

import org.jspecify.annotations.NullMarked;
