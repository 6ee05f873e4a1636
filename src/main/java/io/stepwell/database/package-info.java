/** The connections to the database while the service runs: the pools, and whether one can write. */
@NullMarked
package io.stepwell.database;

import org.jspecify.annotations.NullMarked;
