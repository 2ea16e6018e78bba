/* URLs as RFC 3986 has them; http and https only where a host is asked for. */
#ifndef SHEAF_BASE_URL_H
#define SHEAF_BASE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct url { /* parts point into memory of the arena; NULL where absent */
	const char *scheme; /* lower case */
	const char *user; /* user[:password], as written */
	const char *host; /* lower case, brackets of IPv6 kept off */
	int port; /* 0 when not given */
	const char *path; /* "" when absent */
	const char *query;
	const char *fragment;
};

/* Splits; 0, or -1 with class ERR_CONFIG when it is no http(s) URL with a
 * host, naming what was expected. */
int url_parse(struct url *u, struct arena *a, const char *s, struct err *e);
/* scheme://host[:port] in normal form, for politeness and leases: default
 * ports left out. */
const char *url_authority(struct arena *a, const struct url *u);
/* Resolves `ref` against `base` (RFC 3986 5.2); NULL when neither gives an
 * absolute URL. */
char *url_resolve(struct arena *a, const char *base, const char *ref);
/* Percent-encodes everything but the unreserved characters, once. */
int url_encode(struct buf *out, const char *s, size_t n);
/* The URL without user and password and without values of query arguments
 * that look like secrets (key, token other than resumptionToken, password),
 * for logs. */
int url_redact(struct buf *out, const char *s);
/* The URL without parameters that only track (utm_*, fbclid, xtor …), in its
 * query and its fragment, and without a "?" or "#" that nothing follows.  Any
 * other fragment stays: pages written by hand tell their items apart by it.
 * Itself where nothing is to be removed, else in the arena. */
const char *url_untracked(struct arena *a, const char *url);
/* The path that a file URL names (RFC 8089: file:///path, file:/path or
 * file://localhost/path, percent-encoded), or an absolute path itself; in the
 * arena or as it is.  NULL for anything else, and for a file of another host.
 */
const char *url_file_path(struct arena *a, const char *s);
bool url_is_http(const char *s); /* begins with http:// or https://, any case */

#endif
