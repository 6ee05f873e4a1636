/** The only way out to the network: the guarded HTTP client and the operator's mail server. */
@NullMarked
package io.stepwell.outbound;

import org.jspecify.annotations.NullMarked;
