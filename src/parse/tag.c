/* Tags, one at a time.  Well-formedness is libxml2's to judge; this only has
 * to agree with it on well-formed input and to be sane on the rest. */
#include "parse/tag.h"

#include <string.h>

enum { NAME_START = 1, NAME = 2, STOP = 4 };

/* STOP: what ends the plain stretch inside a tag. */
static const unsigned char classes[256] = {
    ['a' ... 'z'] = NAME_START | NAME,
    ['A' ... 'Z'] = NAME_START | NAME,
    ['_'] = NAME_START | NAME,
    [':'] = NAME_START | NAME,
    [0x80 ... 0xff] = NAME_START | NAME,
    ['0' ... '9'] = NAME,
    ['-'] = NAME,
    ['.'] = NAME,
    ['<'] = STOP,
    ['>'] = STOP,
    ['"'] = STOP,
    ['\''] = STOP,
};

/* As memmem(), which is slow for needles this short: what they begin with is
 * rare in text. */
static const char *
find_end(const char *p, size_t n, const char *end, size_t k)
{
	const char *stop = p + n;

	while ((p = memchr(p, end[0], (size_t)(stop - p))) != NULL &&
	       (size_t)(stop - p) >= k) {
		if (memcmp(p, end, k) == 0)
			return p;
		p++;
	}
	return NULL;
}

static void
ends_with(struct tag *t, enum tag_kind kind, const char *p, size_t n,
    size_t from, const char *end)
{
	size_t k = strlen(end);
	const char *q;

	/* What was searched may hold the beginning of the end. */
	from = from > k ? from - k : 0;
	if (from < 2)
		from = 2;
	q = n > from ? find_end(p + from, n - from, end, k) : NULL;
	t->kind = q ? kind : TAG_MORE;
	t->len = q ? (size_t)(q - p) + k : n;
}

/* <!DOCTYPE name SYSTEM "…" [ … ]>: the subset is skipped, quotes and
 * brackets respected. */
static void
read_doctype(struct tag *t, const char *p, size_t n)
{
	int depth = 0;
	char quote = '\0';

	for (size_t i = 2; i < n; i++) {
		char c = p[i];

		if (quote != '\0') {
			if (c == quote)
				quote = '\0';
		} else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '[')
			depth++;
		else if (c == ']')
			depth--;
		else if (c == '<' && n - i > 8 &&
			 memcmp(p + i, "<!ENTITY", 8) == 0)
			t->has_entities = true;
		else if (c == '>' && depth <= 0) {
			t->kind = TAG_DOCTYPE;
			t->len = i + 1;
			return;
		}
	}
	t->kind = TAG_MORE;
	t->len = n;
}

static void
read_declaration(struct tag *t, const char *p, size_t n, size_t from)
{
	size_t have = n < 9 ? n : 9;

	if (memcmp(p, "<!--", have < 4 ? have : 4) == 0) {
		if (from < 4)
			from = n < 4 ? n : 4;
		if (n < 4) {
			t->kind = TAG_MORE;
			t->len = n;
		} else if (from > 6)
			ends_with(t, TAG_COMMENT, p, n, from, "-->");
		else {
			const char *q = memmem(p + 4, n - 4, "-->", 3);

			t->kind = q ? TAG_COMMENT : TAG_MORE;
			t->len = q ? (size_t)(q - p) + 3 : n;
		}
	} else if (memcmp(p, "<![CDATA[", have) == 0)
		ends_with(t, TAG_CDATA, p, n, from < 9 ? 9 : from, "]]>");
	else if (memcmp(p, "<!DOCTYPE", have) == 0 ||
		 memcmp(p, "<!doctype", have) == 0)
		read_doctype(t, p, n);
}

static void
finish_tag(struct tag *t, const char *p, size_t i, bool is_end)
{
	t->len = i + 1;
	if (is_end)
		t->kind = TAG_END;
	else
		t->kind = p[i - 1] == '/' ? TAG_EMPTY : TAG_START;
}

void
tag_read(struct tag *t, const char *p, size_t n, size_t from)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t i = 1;
	bool is_end;

	*t = (struct tag){.kind = TAG_STRAY, .len = 1};
	if (n < 2) {
		t->kind = TAG_MORE;
		return;
	}
	if (p[1] == '!') {
		read_declaration(t, p, n, from);
		return;
	}
	if (p[1] == '?') {
		ends_with(t, TAG_PI, p, n, from, "?>");
		return;
	}
	is_end = p[1] == '/';
	i += is_end;
	if (i < n && (classes[u[i]] & NAME_START) == 0)
		return;
	t->name = p + i;
	while (i < n && (classes[u[i]] & NAME) != 0)
		i++;
	t->name_len = (size_t)(p + i - t->name);
	if (i < n && p[i] != '>' && p[i] != '/' && p[i] != ' ' &&
	    p[i] != '\n' && p[i] != '\t' && p[i] != '\r')
		return;
	for (;;) {
		while (i < n && (classes[u[i]] & STOP) == 0)
			i++;
		if (i >= n)
			break;
		if (p[i] == '>') {
			finish_tag(t, p, i, is_end);
			return;
		}
		if (p[i] == '<')
			return;
		/* A quoted value: '>' may stand in it, '<' may not. */
		t->attributes++;
		for (size_t j = i + 1;; j++) {
			if (j >= n) {
				t->kind = TAG_MORE;
				t->len = n;
				return;
			}
			if (p[j] == p[i]) {
				i = j + 1;
				break;
			}
			if (p[j] == '<')
				return;
		}
	}
	t->kind = TAG_MORE;
	t->len = n;
}

void
tag_read_whole(
    struct tag *t, const char *p, size_t n, struct tag_endless *endless)
{
	bool none = false, *is_endless = &none;

	if (n > 2 && p[1] == '?')
		is_endless = &endless->pi;
	else if (n > 2 && p[1] == '!')
		is_endless = p[2] == '-'   ? &endless->comment
			     : p[2] == '[' ? &endless->cdata
					   : &endless->doctype;
	if (*is_endless) {
		*t = (struct tag){.kind = TAG_STRAY, .len = 1};
		return;
	}
	tag_read(t, p, n, 0);
	*is_endless = t->kind == TAG_MORE;
}

const char *
tag_local(const char *name, size_t n, size_t *local_len)
{
	const char *colon = memchr(name, ':', n);

	if (colon == NULL || colon + 1 == name + n) {
		*local_len = n;
		return name;
	}
	*local_len = (size_t)(name + n - colon - 1);
	return colon + 1;
}

bool
tag_local_is(const char *name, size_t n, const char *local)
{
	size_t len;
	const char *p = tag_local(name, n, &len);

	return len == strlen(local) && memcmp(p, local, len) == 0;
}
