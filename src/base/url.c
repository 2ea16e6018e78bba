/* URLs by RFC 3986.  Not here: which addresses may be visited (fetch). */
#include "base/url.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"

/* The five parts of RFC 3986 appendix B, as spans; NULL where absent. */
struct span {
	const char *p;
	size_t n;
};
struct parts {
	struct span scheme, authority, path, query, fragment;
};

static bool
is_scheme(const char *s, size_t n)
{
	if (n == 0 || !((*s | 32) >= 'a' && (*s | 32) <= 'z'))
		return false;
	for (size_t i = 1; i < n; i++) {
		char c = (char)(s[i] | 32);

		if (!(c >= 'a' && c <= 'z') && !(s[i] >= '0' && s[i] <= '9') &&
		    s[i] != '+' && s[i] != '-' && s[i] != '.')
			return false;
	}
	return true;
}

static void
split(struct parts *u, const char *s)
{
	size_t n = strcspn(s, ":/?#");

	memset(u, 0, sizeof(*u));
	if (s[n] == ':' && is_scheme(s, n)) {
		u->scheme = (struct span){s, n};
		s += n + 1;
	}
	if (s[0] == '/' && s[1] == '/') {
		s += 2;
		n = strcspn(s, "/?#");
		u->authority = (struct span){s, n};
		s += n;
	}
	n = strcspn(s, "?#");
	u->path = (struct span){s, n};
	s += n;
	if (*s == '?') {
		n = strcspn(++s, "#");
		u->query = (struct span){s, n};
		s += n;
	}
	if (*s == '#')
		u->fragment = (struct span){s + 1, strlen(s + 1)};
}

static char *
lower_copy(struct arena *a, struct span s)
{
	char *p = arena_strndup(a, s.p, s.n);

	for (char *c = p; c && *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 32);
	return p;
}

static const char *
copy(struct arena *a, struct span s)
{
	return s.p ? arena_strndup(a, s.p, s.n) : NULL;
}

/* [user@]host[:port]; -1 when it cannot be read. */
static int
split_authority(struct url *u, struct arena *a, struct span s)
{
	const char *at = memrchr(s.p, '@', s.n), *end = s.p + s.n, *colon;
	struct span host;
	uint64_t port;

	if (at) {
		u->user = arena_strndup(a, s.p, (size_t)(at - s.p));
		s = (struct span){at + 1, (size_t)(end - at - 1)};
	}
	if (s.n && s.p[0] == '[') {
		const char *close = memchr(s.p, ']', s.n);

		if (!close)
			return -1;
		host = (struct span){s.p + 1, (size_t)(close - s.p - 1)};
		if (host.n == 0 ||
		    strspn(host.p, "0123456789abcdefABCDEF:.") < host.n)
			return -1;
		colon = close + 1;
	} else {
		colon = memchr(s.p, ':', s.n);
		if (!colon)
			colon = end;
		host = (struct span){s.p, (size_t)(colon - s.p)};
	}
	if (colon < end) {
		if (*colon != ':')
			return -1;
		if (colon + 1 < end) {
			const char *text = arena_strndup(
			    a, colon + 1, (size_t)(end - colon - 1));

			if (!text || str_to_u64(text, 65535, &port) < 0 ||
			    !port)
				return -1;
			u->port = (int)port;
		}
	}
	if (host.n == 0)
		return -1;
	u->host = lower_copy(a, host);
	return u->host ? 0 : -1;
}

int
url_parse(struct url *u, struct arena *a, const char *s, struct err *e)
{
	struct parts p;

	memset(u, 0, sizeof(*u));
	if (strlen(s) > LIMIT_URL_BYTES)
		return err_set(e, ERR_CONFIG, 0, "URL of more than %zu bytes",
		    LIMIT_URL_BYTES);
	for (const char *c = s; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7F)
			return err_set(e, ERR_CONFIG, 0,
			    "white space or a control character in the URL: "
			    "it is written %%20");
	split(&p, s);
	if (!url_is_http(s))
		return err_set(e, ERR_CONFIG, 0,
		    "not a URL that can be fetched: expected http:// or "
		    "https:// and a host");
	u->scheme = lower_copy(a, p.scheme);
	if (!u->scheme || split_authority(u, a, p.authority) < 0)
		return err_set(e, ERR_CONFIG, 0,
		    "no readable host in the URL: expected "
		    "%.5s://host[:port]/path",
		    s);
	u->path = copy(a, p.path);
	u->query = copy(a, p.query);
	u->fragment = copy(a, p.fragment);
	return 0;
}

const char *
url_authority(struct arena *a, const struct url *u)
{
	bool v6 = strchr(u->host, ':') != NULL;
	int usual = strcmp(u->scheme, "https") == 0 ? 443 : 80;
	const char *open = v6 ? "[" : "", *close = v6 ? "]" : "";

	if (u->port == 0 || u->port == usual)
		return arena_printf(
		    a, "%s://%s%s%s", u->scheme, open, u->host, close);
	return arena_printf(
	    a, "%s://%s%s%s:%d", u->scheme, open, u->host, close, u->port);
}

/* RFC 3986 5.2.4, in place. */
static void
remove_dots(char *path)
{
	char *in = path, *out = path;
	size_t n;

	while (*in) {
		if (strncmp(in, "../", 3) == 0) {
			in += 3;
		} else if (strncmp(in, "./", 2) == 0 ||
			   strncmp(in, "/./", 3) == 0) {
			in += 2;
		} else if (strcmp(in, "/.") == 0) {
			*++in = '/';
		} else if (strncmp(in, "/../", 4) == 0 ||
			   strcmp(in, "/..") == 0) {
			bool last = in[3] == '\0';

			in += last ? 2 : 3;
			if (last)
				*in = '/';
			while (out > path && *--out != '/')
				;
		} else if (strcmp(in, ".") == 0 || strcmp(in, "..") == 0) {
			break;
		} else {
			n = 1 + strcspn(in + 1, "/");
			memmove(out, in, n);
			in += n;
			out += n;
		}
	}
	*out = '\0';
}

static void
add_span(struct buf *b, const char *before, struct span s)
{
	if (!s.p)
		return;
	buf_adds(b, before);
	buf_add(b, s.p, s.n);
}

/* RFC 3986 5.2.3: the reference's path on the base's. */
static char *
merged_path(struct arena *a, const struct parts *base, struct span ref)
{
	struct span dir = base->path;
	char *p;

	while (dir.n > 0 && dir.p[dir.n - 1] != '/')
		dir.n--;
	if (dir.n == 0 && base->authority.p)
		dir = (struct span){"/", 1};
	p = arena_alloc(a, dir.n + ref.n + 1);
	if (!p)
		return NULL;
	memcpy(p, dir.p, dir.n);
	memcpy(p + dir.n, ref.p, ref.n);
	p[dir.n + ref.n] = '\0';
	return p;
}

static char *
assemble(struct arena *a, const struct parts *t, char *path)
{
	struct buf b;
	char *whole;

	if (!path)
		return NULL;
	if (t->authority.p)
		remove_dots(path);
	buf_init(&b, 2 * LIMIT_URL_BYTES + 16);
	buf_add(&b, t->scheme.p, t->scheme.n);
	buf_addc(&b, ':');
	add_span(&b, "//", t->authority);
	buf_adds(&b, path);
	add_span(&b, "?", t->query);
	add_span(&b, "#", t->fragment);
	whole = b.full ? NULL : arena_strndup(a, buf_str(&b), b.len);
	buf_release(&b);
	return whole;
}

char *
url_resolve(struct arena *a, const char *base, const char *ref)
{
	struct parts b, r, t;

	split(&r, ref);
	if (r.scheme.p)
		return assemble(a, &r, arena_strndup(a, r.path.p, r.path.n));
	split(&b, base ? base : "");
	if (!b.scheme.p)
		return NULL;
	t = r;
	t.scheme = b.scheme;
	if (r.authority.p)
		return assemble(a, &t, arena_strndup(a, r.path.p, r.path.n));
	t.authority = b.authority;
	if (r.path.n == 0) {
		if (!r.query.p)
			t.query = b.query;
		return assemble(a, &t, arena_strndup(a, b.path.p, b.path.n));
	}
	if (r.path.p[0] == '/')
		return assemble(a, &t, arena_strndup(a, r.path.p, r.path.n));
	return assemble(a, &t, merged_path(a, &b, r.path));
}

int
url_encode(struct buf *out, const char *s, size_t n)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		bool plain = (c >= '0' && c <= '9') ||
			     ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' ||
			     c == '.' || c == '_' || c == '~';
		char three[3] = {'%', hex[c >> 4], hex[c & 15]};

		if (plain)
			buf_addc(out, (char)c);
		else
			buf_add(out, three, 3);
	}
	return out->full ? -1 : 0;
}

static bool
is_secret(struct span name)
{
	static const char *const words[] = {"key", "token", "password",
	    "passwd", "pwd", "secret", "signature", "auth"};
	char low[64];

	if (name.n >= sizeof(low))
		return false;
	for (size_t i = 0; i < name.n; i++)
		low[i] = name.p[i] >= 'A' && name.p[i] <= 'Z'
			     ? (char)(name.p[i] + 32)
			     : name.p[i];
	low[name.n] = '\0';
	if (strcmp(low, "resumptiontoken") == 0)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(low, words[i]))
			return true;
	return false;
}

static void
redact_query(struct buf *out, struct span q)
{
	while (q.n > 0) {
		const char *amp = memchr(q.p, '&', q.n);
		size_t n = amp ? (size_t)(amp - q.p) : q.n;
		const char *eq = memchr(q.p, '=', n);

		if (eq && is_secret((struct span){q.p, (size_t)(eq - q.p)})) {
			buf_add(out, q.p, (size_t)(eq - q.p) + 1);
			buf_adds(out, "***");
		} else {
			buf_add(out, q.p, n);
		}
		if (amp) {
			buf_addc(out, '&');
			n++;
		}
		q = (struct span){q.p + n, q.n - n};
	}
}

int
url_redact(struct buf *out, const char *s)
{
	struct parts p;
	const char *at;

	split(&p, s);
	if (p.scheme.p) {
		buf_add(out, p.scheme.p, p.scheme.n);
		buf_addc(out, ':');
	}
	at = p.authority.p ? memrchr(p.authority.p, '@', p.authority.n) : NULL;
	if (at) {
		p.authority.n -= (size_t)(at + 1 - p.authority.p);
		p.authority.p = at + 1;
	}
	add_span(out, "//", p.authority);
	add_span(out, "", p.path);
	if (p.query.p) {
		buf_addc(out, '?');
		redact_query(out, p.query);
	}
	add_span(out, "#", p.fragment);
	return out->full ? -1 : 0;
}

bool
url_is_http(const char *s)
{
	return str_case_starts(s, "http://") || str_case_starts(s, "https://");
}

static int
hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* In place; NULL for an encoded NUL, which no path can have. */
static char *
decode(char *s)
{
	char *out = s;

	for (const char *p = s; *p != '\0'; p++) {
		int high = *p == '%' ? hex(p[1]) : -1;
		int low = high >= 0 ? hex(p[2]) : -1;

		if (low < 0) {
			*out++ = *p;
			continue;
		}
		if (high == 0 && low == 0)
			return NULL;
		*out++ = (char)(high * 16 + low);
		p += 2;
	}
	*out = '\0';
	return s;
}

const char *
url_file_path(struct arena *a, const char *s)
{
	if (*s == '/')
		return s[1] != '\0' ? s : NULL;
	if (!str_case_starts(s, "file:/"))
		return NULL;
	s += 5;
	if (str_case_starts(s, "//localhost/"))
		s += 11;
	else if (s[1] == '/')
		s += 2;
	if (s[0] != '/' || s[1] == '\0' || strpbrk(s, "?#") != NULL)
		return NULL;
	return decode(arena_strdup(a, s));
}
