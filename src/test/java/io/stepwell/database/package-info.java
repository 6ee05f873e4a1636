/** Tests of the connections to the database. */
@NullMarked
package io.stepwell.database;

import org.jspecify.annotations.NullMarked;
