/*
 * The control protocol: lines of words over a Unix stream socket.
 *
 * A request is one line, `verb word…`; the answer is any number of lines and
 * one `end CODE`, after which the connection closes:
 *
 *	say TEXT        a line for people, on standard output
 *	warn TEXT       a line for people, on standard error
 *	row KEY VALUE…  the same as data, for --json
 *	end CODE        the exit code for sheafctl (0, or one of sysexits.h)
 *
 * Words are separated by single spaces; what is not an unreserved character of
 * RFC 3986 is percent-encoded, so that a word may hold anything but NUL.  An
 * empty word is written "%".
 */
#ifndef SHEAF_CONTROL_PROTO_H
#define SHEAF_CONTROL_PROTO_H

#include <stddef.h>

#include "base/buf.h"

enum {
	CONTROL_LINE_BYTES = 64 * 1024, /* one line, its end included */
	CONTROL_WORDS = 2048, /* words of one line */
	CONTROL_CLIENTS = 32, /* connections at a time */
	CONTROL_QUEUE_BYTES = 1 << 20, /* answers that a client has not read */
	CONTROL_REQUEST_MS = 10 * 1000 /* a client says its request within */
};

/* Appends the words as one line.  0, or -1 when `out` is full. */
int
control_line_encode(struct buf *out, size_t count, const char *const *words);
/* Splits and decodes a line (without its end) in place; `words` points into
 * it.  The number of words, or -1 when it is no line of this protocol or has
 * more than `max` words. */
int control_line_decode(char *line, char **words, size_t max);

#endif
