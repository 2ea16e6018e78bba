/* See fetch/answer.h.  RFC 9110 for the headers, RFC 9112 for the lines. */
#include "fetch/answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/utf8.h"

enum { VALUE_BYTES = 4096 };

static const char *const NAMES[ANSWER_HEADER_COUNT] = {
    [ANSWER_CONTENT_TYPE] = "content-type",
    [ANSWER_ETAG] = "etag",
    [ANSWER_LAST_MODIFIED] = "last-modified",
    [ANSWER_RETRY_AFTER] = "retry-after",
    [ANSWER_CACHE_CONTROL] = "cache-control",
    [ANSWER_EXPIRES] = "expires",
    [ANSWER_SERVER] = "server",
    [ANSWER_LOCATION] = "location",
};

static void
forget_headers(struct answer *a)
{
	for (size_t i = 0; i < ANSWER_HEADER_COUNT; i++) {
		free(a->header[i]);
		a->header[i] = NULL;
	}
	a->status = 0;
	a->head_complete = false;
}

void
answer_clear(struct answer *a)
{
	forget_headers(a);
	a->head_bytes = 0;
}

void
answer_sanitise(char *s)
{
	size_t n = strlen(s), at = 0;

	while (at < n) {
		size_t good = utf8_valid_prefix(s + at, n - at);

		for (size_t i = at; i < at + good; i++) {
			if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
				s[i] = '?';
		}
		at += good;
		if (at < n)
			s[at++] = '?';
	}
}

/* "HTTP/1.1 200 OK", "HTTP/2 200" */
static unsigned
read_status(const char *line, size_t n)
{
	const char *sp = memchr(line, ' ', n);
	size_t at = sp == NULL ? n : (size_t)(sp - line);
	unsigned status = 0;

	while (at < n && line[at] == ' ')
		at++;
	for (; at < n && line[at] >= '0' && line[at] <= '9'; at++) {
		status = status * 10 + (unsigned)(line[at] - '0');
		if (status > 999)
			return 0;
	}
	return status;
}

/* Text is made safe, except where it has to be used as it came: a Location,
 * which goes into no message, and an ETag, which is dropped when it is none. */
static void
keep(struct answer *a, enum answer_header h, const char *p, size_t n)
{
	size_t max = h == ANSWER_LOCATION ? LIMIT_URL_BYTES : VALUE_BYTES;

	if (a->header[h] != NULL || n == 0)
		return;
	if (h == ANSWER_ETAG && (n > max || !utf8_valid(p, n)))
		return;
	/* One byte more, so that a URL that is too long stays too long. */
	a->header[h] = xstrndup(p, n > max ? max + 1 : n);
	if (h != ANSWER_LOCATION)
		answer_sanitise(a->header[h]);
}

int
answer_line(struct answer *a, const char *line, size_t n, struct err *e)
{
	const char *colon;

	a->head_bytes += n;
	if (a->head_bytes > LIMIT_HEADER_BYTES)
		return err_set(e, ERR_LIMIT, 0,
		    "the server sent more than %zu bytes of headers",
		    LIMIT_HEADER_BYTES);
	while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n'))
		n--;
	if (n >= 5 && strncasecmp(line, "HTTP/", 5) == 0) {
		forget_headers(a);
		a->status = read_status(line, n);
		return 0;
	}
	if (a->head_complete)
		return 0;
	if (n == 0) {
		a->head_complete = a->status >= 200;
		return 0;
	}
	colon = memchr(line, ':', n);
	if (colon == NULL)
		return 0;
	for (size_t i = 0; i < ANSWER_HEADER_COUNT; i++) {
		size_t m = strlen(NAMES[i]);
		const char *p = colon + 1, *end = line + n;

		if (m != (size_t)(colon - line) ||
		    strncasecmp(line, NAMES[i], m) != 0)
			continue;
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
			end--;
		keep(a, i, p, (size_t)(end - p));
	}
	return 0;
}

const char *
answer_get(const struct answer *a, enum answer_header h)
{
	return a->header[h] == NULL ? "" : a->header[h];
}

bool
answer_is_redirect(const struct answer *a)
{
	switch (a->status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		return a->header[ANSWER_LOCATION] != NULL;
	default:
		return false;
	}
}
