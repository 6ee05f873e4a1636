/** Starting the process: what it needs before Quarkus may start, and a PostgreSQL of its own. */
@NullMarked
package io.stepwell.launch;

import org.jspecify.annotations.NullMarked;
