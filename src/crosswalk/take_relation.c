/* Names of other things: relations and containers, which never become
 * identifiers. */
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/url.h"
#include "crosswalk/identifiers.h"
#include "crosswalk/internal.h"
#include "record/words.h"

enum { CITATION_BYTES = 20 }; /* with as much a text may be one */

/* EPrints names a record's own page in dc:relation: the host and the number
 * are those of its OAI identifier, oai:HOST:NUMBER. */
static bool
is_own_page(const struct record *r, const char *url)
{
	const char *id = r->identifier, *number, *host, *end;
	size_t n;

	if (id == NULL || !str_starts(id, "oai:") ||
	    (number = strchr(id + 4, ':')) == NULL || number[1] == '\0')
		return false;
	id += 4;
	n = (size_t)(number - id);
	host = strstr(url, "://") + 3;
	if (strncasecmp(host, "www.", 4) == 0 && strncasecmp(id, "www.", 4))
		host += 4;
	if (strncasecmp(host, id, n) != 0 || strchr("/:", host[n]) == NULL)
		return false;
	number++;
	end = host + strcspn(host, "?#");
	while (end > host && end[-1] == '/')
		end--;
	n = strlen(number);
	return (size_t)(end - host) > n && end[-(ptrdiff_t)n - 1] == '/' &&
	       strncmp(end - n, number, n) == 0;
}

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* The last relation again. */
static bool
is_repeated(const struct record *r)
{
	const struct rec_relation *last =
	    &r->relations.items[r->relations.count - 1];

	return r->relations.count > 1 && is_same(last->type, last[-1].type) &&
	       is_same(last->scheme, last[-1].scheme) &&
	       is_same(last->value, last[-1].value) &&
	       is_same(last->text, last[-1].text);
}

static void
add_relation(struct crosswalk *x, const char *type, const struct found_id *f,
    const char *text, const char *words)
{
	struct rec_relation *r = ADD(x, relations);

	if (r == NULL)
		return;
	r->type = type;
	if (f->scheme != NULL && strcmp(f->scheme, "orcid") != 0 &&
	    strcmp(f->scheme, "isni") != 0 && strcmp(f->scheme, "ror") != 0) {
		r->scheme = f->scheme;
		r->value = f->value;
		if (strcmp(f->value, text) != 0)
			r->text = text;
	} else
		r->text = text;
	if (words != NULL && (r->value != NULL || r->text == NULL))
		r->text = words;
	if (is_repeated(x->r))
		x->r->relations.count--;
}

/* "vol. 68 no. 3-4 (2015)": volume and issue; anything else is kept whole. */
static void
take_number(struct crosswalk *x, const char *text)
{
	struct rec_container *c = &x->r->container;
	const char *issue = strstr(text, " no. ");
	size_t n;

	if (!str_case_starts(text, "vol. ")) {
		c->number = text;
		return;
	}
	text += 5;
	n = strcspn(text, " ,");
	c->volume = arena_strndup(x->a, text, n);
	if (issue == NULL)
		return;
	issue += 5;
	c->issue = arena_strndup(x->a, issue, strcspn(issue, " ,("));
}

/* "World development report;2012": a series and a number in it, as DSpace
 * writes dc.relation.ispartofseries. */
bool
take_series(struct crosswalk *x, const char *text)
{
	struct rec_container *c = &x->r->container;
	const char *semicolon = strrchr(text, ';');
	size_t n;

	if (semicolon == NULL || semicolon == text || strlen(semicolon) > 60 ||
	    strpbrk(semicolon, "0123456789") == NULL)
		return false;
	if (c->title != NULL)
		return true;
	for (n = (size_t)(semicolon - text); n > 0 && text[n - 1] == ' ';)
		n--;
	c->title = arena_strndup(x->a, text, n);
	semicolon++;
	while (*semicolon == ' ')
		semicolon++;
	take_number(x, semicolon);
	return true;
}

static const char *
type_of(const struct taken *v)
{
	return v->type != NULL && word_known(words_relation_type, v->type)
		   ? v->type
		   : NULL;
}

void
take_relation(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v), *type = type_of(v);
	struct found_id f = {0};

	if (text == NULL) {
		if (v->words != NULL)
			add_relation(
			    x, type ? type : "related", &f, NULL, v->words);
		return;
	}
	take_find(x, &f, v->scheme, text);
	if (f.is_url && is_own_page(x->r, text)) {
		add_link(x, text, "landing");
		return;
	}
	/* An ISSN is that of what it appeared in, unless it is said to be that
	 * of what it cites, replaces and the like. */
	if (f.scheme != NULL && strcmp(f.scheme, "issn") == 0) {
		if (type == NULL)
			type = "part-of";
		if (x->r->container.issn == NULL &&
		    strcmp(type, "part-of") == 0)
			x->r->container.issn = f.value;
	}
	if (type == NULL)
		type = f.scheme == NULL && take_series(x, text) ? "part-of"
								: "related";
	/* "Mota, R. (2019) Flow. doi:10.5555/flow" */
	if (f.scheme == NULL && !f.is_url && strlen(text) > CITATION_BYTES)
		identifier_in_citation(&f, x->a, text);
	add_relation(x, type, &f, text, v->words);
}

/* One of the last numbers of a citation: the commas before it are its
 * borders.  Cuts it off text and returns it, NULL where there is none. */
static char *
last_number(char *text)
{
	char *comma = strrchr(text, ',');
	char *s = comma ? comma + 1 : NULL;

	if (comma == NULL || *s++ != ' ' || *s == '\0' || strlen(s) > 24 ||
	    strpbrk(s, "0123456789") == NULL || strchr(s, ' ') != NULL)
		return NULL;
	*comma = '\0';
	return s;
}

/* "Journal, 12(3), 45-67, (2024-01-16)", as Zenodo writes dc:source. */
static bool
take_citation(struct crosswalk *x, const char *text)
{
	struct rec_container *c = &x->r->container;
	const char *date = strstr(text, ", (");
	char *s, *pages, *volume, *issue;

	if (date == NULL || date == text ||
	    date[3 + strspn(date + 3, "0123456789-")] != ')' ||
	    date[4 + strspn(date + 3, "0123456789-")] != '\0')
		return false;
	s = arena_strndup(x->a, text, (size_t)(date - text));
	pages = last_number(s);
	volume = pages && strchr(pages, '(') == NULL ? last_number(s) : NULL;
	if (volume == NULL && pages != NULL && strchr(pages, '-') == NULL) {
		volume = pages;
		pages = NULL;
	}
	if (volume != NULL && (issue = strchr(volume, '(')) != NULL) {
		*issue++ = '\0';
		issue[strcspn(issue, ")")] = '\0';
		c->issue = issue;
	}
	c->title = s;
	c->volume = volume;
	c->pages = pages;
	return true;
}

static bool
is_year_in_brackets(const char *s)
{
	return s[0] == '(' && (s[1] == '1' || s[1] == '2') &&
	       strspn(s + 1, "0123456789") == 4 && s[5] == ')';
}

/* As physicists cite: arXiv writes so into dc:identifier. */
bool
take_journal(struct crosswalk *x, const char *text, bool has_to_have_pages)
{
	static const struct found_id none;
	struct rec_container *c = &x->r->container;
	const char *year = strstr(text, " ("), *volume, *pages;
	size_t title;

	if (year == NULL || !is_year_in_brackets(year + 1))
		return false;
	for (volume = year; volume > text && volume[-1] != ' '; volume--)
		;
	pages = year + 7 + strspn(year + 7, " ,");
	if (volume - text < 4 || year - volume > 12 ||
	    strcspn(volume, "0123456789") >= (size_t)(year - volume) ||
	    strlen(pages) > 24 || strchr(pages, ' ') != NULL ||
	    (*pages != '\0' && strpbrk(pages, "0123456789") == NULL) ||
	    (*pages == '\0' && has_to_have_pages))
		return false;
	for (title = (size_t)(volume - text);
	     title > 0 && strchr(" ,;", text[title - 1]) != NULL;)
		title--;
	if (title == 0)
		return false;
	if (c->title != NULL) { /* another one: an erratum's, say */
		add_relation(x, "part-of", &none, text, NULL);
		return true;
	}
	c->title = arena_strndup(x->a, text, title);
	c->volume = arena_strndup(x->a, volume, (size_t)(year - volume));
	c->pages = *pages != '\0' ? pages : NULL;
	return true;
}

/* What it was taken from: a journal's or book's name, its ISSN or ISBN, or
 * the address of another thing. */
void
take_source(struct crosswalk *x, const struct taken *v)
{
	const char *text = taken_line(x, v), *type = type_of(v);
	struct rec_container *c = &x->r->container;
	struct found_id f;

	if (text == NULL)
		return;
	identifier_find(&f, x->a, text);
	if (f.scheme == NULL)
		identifier_find_issn(&f, x->a, text);
	if (f.scheme == NULL && !url_is_http(text)) {
		bool is_series = type != NULL && take_series(x, text);

		if (c->title == NULL && !is_series &&
		    take_journal(x, text, false))
			return;
		if (c->title == NULL && !is_series && !take_citation(x, text))
			c->title = text;
		else if (type == NULL && strcmp(c->title, text) != 0)
			add_relation(x, "part-of", &f, text, NULL);
	} else if (f.scheme != NULL && strcmp(f.scheme, "issn") == 0) {
		if (c->issn == NULL)
			c->issn = f.value;
		else if (strcmp(c->issn, f.value) != 0) /* also in print */
			add_relation(
			    x, type ? type : "part-of", &f, text, NULL);
	} else if (f.scheme != NULL && strcmp(f.scheme, "isbn") == 0 &&
		   c->isbn == NULL)
		c->isbn = f.value;
	else
		add_relation(x, type ? type : "related", &f, text, NULL);
}

/* What was said first holds. */
static void
set(const char **field, const char *value)
{
	if (*field == NULL)
		*field = value;
}

void
take_container(struct crosswalk *x, const struct taken *v)
{
	struct rec_container *c = &x->r->container;
	struct found_id f;

	set(&c->title, taken_line(x, v));
	if (v->issn != NULL && identifier_as(&f, x->a, "issn", v->issn))
		set(&c->issn, f.value);
	if (v->isbn != NULL && identifier_as(&f, x->a, "isbn", v->isbn))
		set(&c->isbn, f.value);
	set(&c->volume, v->volume);
	set(&c->issue, v->issue);
	set(&c->pages, v->pages);
	set(&c->number, v->number);
}
