/* The columns of registry.record, chosen from a record's content.  Not here:
 * merging several records into an entry. */
#include "record/record.h"

#include <string.h>

#include "base/date.h"
#include "base/str.h"
#include "base/url.h"

static bool
is_word(const char *s, const char *word)
{
	return s && strcmp(s, word) == 0;
}

static const char *
some(const char *s)
{
	return s && *s ? s : NULL;
}

static const char *
choose_title(const struct record *r)
{
	const char *first = NULL;

	for (size_t i = 0; i < r->titles.count; i++) {
		const struct rec_text *t = &r->titles.items[i];

		if (!some(t->text))
			continue;
		if (is_word(t->role, "main"))
			return t->text;
		if (!first)
			first = t->text;
	}
	return first;
}

static const char *
link_of(const struct record *r, const char *role)
{
	for (size_t i = 0; i < r->links.count; i++)
		if (is_word(r->links.items[i].role, role) &&
		    some(r->links.items[i].url))
			return r->links.items[i].url;
	return NULL;
}

/* A resolver's URL.  What RFC 3986 does not allow in a path is encoded: a DOI
 * may hold '<', '#' or '?'. */
static const char *
resolver_url(struct arena *a, const char *resolver, const char *value)
{
	const char *url;
	struct buf b;

	buf_init(&b, 16 * 1024);
	buf_adds(&b, resolver);
	for (const char *p = value; *p; p++) {
		if (strchr("/:;()+,=@!$&'*", *p))
			buf_addc(&b, *p);
		else
			url_encode(&b, p, 1);
	}
	url = b.full ? NULL : arena_strndup(a, buf_str(&b), b.len);
	buf_release(&b);
	return url;
}

static const char *
identifier_url(const struct record *r, struct arena *a)
{
	for (size_t i = 0; i < r->identifiers.count; i++) {
		const struct rec_id *id = &r->identifiers.items[i];

		if (!some(id->value))
			continue;
		if (is_word(id->scheme, "url") && url_is_http(id->value))
			return id->value;
		if (is_word(id->scheme, "doi"))
			return resolver_url(a, "https://doi.org/", id->value);
		if (is_word(id->scheme, "handle"))
			return resolver_url(
			    a, "https://hdl.handle.net/", id->value);
	}
	return NULL;
}

/* The first day of a period in normal form; NULL when there is no such day in
 * PostgreSQL's calendar either. */
static const char *
first_day(struct arena *a, const char *value)
{
	int part[3] = {0, 1, 1};
	const char *p = value;

	for (int i = 0; i < 3; i++) {
		int digits = i == 0 ? 4 : 2, v = 0;

		for (int k = 0; k < digits; k++, p++) {
			if (*p < '0' || *p > '9')
				return NULL;
			v = v * 10 + (*p - '0');
		}
		part[i] = v;
		if (*p != '-')
			break;
		p++;
	}
	if (*p && *p != 'T')
		return NULL;
	if (part[0] < 1 || !date_valid(part[0], part[1], part[2]))
		return NULL;
	return arena_printf(a, "%04d-%02d-%02d", part[0], part[1], part[2]);
}

static const char *
precision_of(const struct rec_date *d)
{
	size_t n = strlen(d->value);

	if (some(d->precision))
		return d->precision;
	return n == 4 ? "year" : n == 7 ? "month" : "day";
}

static const char *
choose_licence(const struct record *r)
{
	const char *url = NULL, *text = NULL;

	for (size_t i = 0; i < r->rights.count; i++) {
		if (some(r->rights.items[i].code))
			return r->rights.items[i].code;
		if (!url)
			url = some(r->rights.items[i].url);
		if (!text)
			text = some(r->rights.items[i].text);
	}
	return url ? url : text;
}

void
record_summarise(
    struct record_summary *s, const struct record *r, struct arena *a)
{
	memset(s, 0, sizeof(*s));
	s->title = choose_title(r);
	s->kind = some(r->kind.code);
	s->licence = choose_licence(r);
	s->url = link_of(r, "landing");
	if (!s->url)
		s->url = link_of(r, "full-text");
	if (!s->url)
		s->url = identifier_url(r, a);
	if (s->url)
		s->url = url_untracked(a, s->url);
	for (size_t i = 0; i < r->dates.count && !s->issued; i++) {
		const struct rec_date *d = &r->dates.items[i];

		if (!is_word(d->role, "issued") || !some(d->value))
			continue;
		s->issued = first_day(a, d->value);
		if (s->issued)
			s->issued_precision = precision_of(d);
	}
}
