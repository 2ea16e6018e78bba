/*
 * What the head of an answer says: status and the few headers that somebody
 * acts on, made safe to travel in a message (valid UTF-8 without controls,
 * bounded).
 *
 * Knows no libcurl; fetch/transfer.c feeds it the header lines.
 */
#ifndef SHEAF_FETCH_ANSWER_H
#define SHEAF_FETCH_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum answer_header {
	ANSWER_CONTENT_TYPE,
	ANSWER_ETAG,
	ANSWER_LAST_MODIFIED,
	ANSWER_RETRY_AFTER,
	ANSWER_CACHE_CONTROL,
	ANSWER_EXPIRES,
	ANSWER_SERVER,
	ANSWER_LOCATION,
	ANSWER_HEADER_COUNT
};

struct answer {
	unsigned status; /* 0: no status line yet */
	size_t head_bytes; /* all header lines of this request, 1xx too */
	bool head_complete; /* what follows are trailers, which we ignore */
	char *header[ANSWER_HEADER_COUNT]; /* owned, NULL where absent */
};

void answer_clear(struct answer *a); /* also initialises zeroed memory */
/* One line as it came.  A status line begins a new answer (after a 1xx).  -1
 * with class LIMIT beyond LIMIT_HEADER_BYTES. */
int answer_line(struct answer *a, const char *line, size_t n, struct err *e);
/* The header's value, "" when absent. */
const char *answer_get(const struct answer *a, enum answer_header h);
/* A redirect that can be followed: 301, 302, 303, 307, 308 with Location. */
bool answer_is_redirect(const struct answer *a);
/* Replaces control characters and broken UTF-8 by '?', in place. */
void answer_sanitise(char *s);

#endif
