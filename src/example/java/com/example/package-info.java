/** What users of this service write. */
@NullMarked
package com.example;

import org.jspecify.annotations.NullMarked;
