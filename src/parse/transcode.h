/* Encodings that only libxml2 (by ICU, in the sandbox) can read, to clean
 * UTF-8. */
#ifndef SHEAF_PARSE_TRANSCODE_H
#define SHEAF_PARSE_TRANSCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct transcoder;
struct transcoder *transcoder_open(const char *name); /* NULL: not known */
void transcoder_close(struct transcoder *t); /* NULL is fine */
bool transcoder_known(const char *name);
/* Each ASCII character is itself in it, and '<' never part of another. */
bool transcoder_is_ascii(const struct transcoder *t);
/* Appends the n bytes, all of a text or up to where a character ends;
 * returns how many things were replaced by U+FFFD or, forbidden in XML, by a
 * space. */
size_t
transcode(struct transcoder *t, const uint8_t *p, size_t n, struct buf *out);

#endif
