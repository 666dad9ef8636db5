/**
 * The text with U+FFFD for every lone surrogate and every NUL: neither has a form that all of UTF-8, Redis scripts and the
 * Kubernetes API keep as it was.
 */
export const wellFormed = (text: string): string => text.toWellFormed().replaceAll("\0", "\uFFFD");
