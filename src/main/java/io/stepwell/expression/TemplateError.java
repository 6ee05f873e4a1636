package io.stepwell.expression;

/**
 * One thing that is wrong in a config, at an RFC 6901 pointer.
 *
 * @param pointer the place in the document that was parsed
 * @param detail a sentence for a person
 */
public record TemplateError(String pointer, String detail) {}
