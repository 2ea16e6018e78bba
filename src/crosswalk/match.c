/* Titles, names and dates of the record in hand; the venue is match_venue.c's.
 */
#include "crosswalk/match.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "base/utf8.h"
#include "crosswalk/match_fold.h"
#include "crosswalk/match_title.h"

/* The most that a title's form can have before its words are chosen. */
enum { FOLDED_BYTES = LIMIT_MATCH_READ };

static const char *
keep(struct arena *a, const char *s, size_t n)
{
	return n > 0 ? arena_strndup(a, s, n) : NULL;
}

static const char *
title_form(struct arena *a, const char *title)
{
	char folded[FOLDED_BYTES + 1], form[LIMIT_MATCH_TITLE_BYTES + 1];

	match_fold(folded, FOLDED_BYTES, title, strlen(title));
	return keep(a, form, match_title(form, sizeof(form) - 1, folded));
}

/* "…", "..." or "&hellip;" at the end. */
static bool
is_cut(const char *title)
{
	static const char *const ends[] = {"...", "…", "&hellip;"};
	size_t n = strlen(title);

	while (n > 0 && title[n - 1] == ' ')
		n--;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t k = strlen(ends[i]);

		if (n > k && memcmp(title + n - k, ends[i], k) == 0)
			return true;
	}
	return false;
}

static void
add_other_title(struct rec_match *m, struct arena *a, const char *title)
{
	const char *form = title_form(a, title), **other;

	if (form == NULL || strcmp(form, m->title) == 0)
		return;
	for (size_t i = 0; i < m->other_titles.count; i++)
		if (strcmp(form, m->other_titles.items[i]) == 0)
			return;
	other = record_add(a, &m->other_titles);
	if (other != NULL)
		*other = form;
}

static void
make_titles(struct record *r, struct arena *a)
{
	struct rec_match *m = &r->match;
	size_t most = r->titles.count;

	/* of thousands the first few are looked at */
	if (most > 1 + 4 * LIMIT_MATCH_TITLES)
		most = 1 + 4 * LIMIT_MATCH_TITLES;
	for (size_t i = 0; i < most; i++) {
		const char *text = r->titles.items[i].text;

		if (text == NULL)
			continue;
		if (m->title == NULL) {
			m->title = title_form(a, text);
			m->is_cut = m->title != NULL && is_cut(text);
			m->lang = r->titles.items[i].lang;
		} else if (m->other_titles.count < LIMIT_MATCH_TITLES) {
			add_other_title(m, a, text);
		}
	}
}

/* The primary subtag. */
static void
make_language(struct record *r, struct arena *a)
{
	const char *lang = r->match.lang;
	size_t n;

	if (lang == NULL && r->languages.count == 1)
		lang = r->languages.items[0].code;
	if (lang == NULL)
		return;
	n = strcspn(lang, "-");
	r->match.lang = lang[n] == '\0' ? lang : arena_strndup(a, lang, n);
}

/* --- names ---------------------------------------------------------------- */

static bool
is_creator(const struct record *r, const char *role)
{
	static const char *const always[] = {"author", "contributor", "editor"};
	static const char *const also[] = {"provider", "seeker", "implementer"};
	bool has_parties =
	    r->family != NULL && (strcmp(r->family, "offer") == 0 ||
				     strcmp(r->family, "need") == 0 ||
				     strcmp(r->family, "activity") == 0);

	for (size_t i = 0; role != NULL && i < 3; i++)
		if (strcmp(role, always[i]) == 0 ||
		    (has_parties && strcmp(role, also[i]) == 0))
			return true;
	return false;
}

/* Chinese and Japanese write a name with a space or without: without. */
static size_t
join_unparted(char *s)
{
	size_t n = 0, from = 0;
	bool was_unparted = false;

	while (s[from] != '\0') {
		size_t k = strcspn(s + from, " ");
		uint32_t cp = 0;
		bool is_unparted;

		utf8_decode(s + from, k, &cp);
		is_unparted = match_is_unparted(cp);
		if (n > 0 && !(is_unparted && was_unparted))
			s[n++] = ' ';
		memmove(s + n, s + from, k);
		n += k;
		was_unparted = is_unparted;
		from += k + (s[from + k] == ' ');
	}
	s[n] = '\0';
	return n;
}

static void
add_name(struct rec_match *m, struct arena *a, const struct rec_agent *agent)
{
	char name[LIMIT_MATCH_NAME_BYTES + 1];
	size_t n = match_fold(
	    name, sizeof(name) - 1, agent->name, strlen(agent->name));
	struct rec_match_name *slot;

	n = n > 0 ? join_unparted(name) : 0;
	if (n == 0)
		return;
	for (size_t i = 0; i < m->names.count; i++)
		if (strcmp(m->names.items[i].text, name) == 0)
			return;
	slot = record_add(a, &m->names);
	if (slot == NULL)
		return;
	slot->text = keep(a, name, n);
	slot->kind = agent->kind;
}

static void
make_names(struct record *r, struct arena *a)
{
	struct rec_match *m = &r->match;

	for (size_t i = 0;
	     i < r->agents.count && m->names.count < LIMIT_MATCH_NAMES; i++) {
		const struct rec_agent *agent = &r->agents.items[i];

		if (agent->name != NULL && is_creator(r, agent->role))
			add_name(m, a, agent);
	}
}

/* --- dates ---------------------------------------------------------------- */

/* The dates of the thing itself, the one that says most first; not those of
 * its record in one repository (deposited, modified). */
static const struct rec_date *
find_date(const struct record *r)
{
	static const char *const roles[] = {"issued", "start", "created",
	    "available", "accepted", "valid-from"};

	for (size_t k = 0; k < sizeof(roles) / sizeof(*roles); k++)
		for (size_t i = 0; i < r->dates.count; i++) {
			const struct rec_date *d = &r->dates.items[i];

			if (d->role != NULL && strcmp(d->role, roles[k]) == 0 &&
			    (d->value != NULL || d->text != NULL))
				return d;
		}
	return NULL;
}

static const char *
day_of(struct arena *a, const char *value)
{
	if (strlen(value) < 10 || value[4] != '-' || value[7] != '-' ||
	    str_starts(value + 4, "-01-01"))
		return NULL;
	return arena_strndup(a, value, 10);
}

static unsigned
stated_year(const char *title, const char *venue)
{
	unsigned year = title != NULL ? match_year_of_title(title) : 0;

	if (year == 0 && venue != NULL)
		year = match_year_in(venue);
	if (year == 0 && venue != NULL)
		year = match_short_year_in(venue);
	return year;
}

static void
make_dates(struct record *r, struct arena *a, const char *venue)
{
	const struct rec_date *d = find_date(r);
	unsigned year = 0;

	if (d != NULL && d->value != NULL) {
		char head[5];

		str_copy(head, sizeof(head), d->value);
		year = match_year_in(head);
		if (year > 0)
			r->match.day = day_of(a, d->value);
	} else if (d != NULL)
		year = match_year_in(d->text);
	if (year == 0)
		year = stated_year(
		    r->titles.count > 0 ? r->titles.items[0].text : NULL,
		    venue);
	if (year > 0)
		r->match.year = arena_printf(a, "%u", year);
}

void
match_make(struct record *r, struct arena *a)
{
	const char *venue = match_venue_text(r);
	char folded[LIMIT_MATCH_VENUE_BYTES + 1];

	memset(&r->match, 0, sizeof(r->match));
	make_titles(r, a);
	make_language(r, a);
	make_names(r, a);
	make_dates(r, a, venue);
	if (venue == NULL)
		return;
	r->match.venue = keep(a, folded,
	    match_fold(folded, sizeof(folded) - 1, venue, strlen(venue)));
	if (r->match.venue == NULL)
		return;
	r->match.venue_kind = match_venue_kind(venue, folded);
	if (r->match.venue_kind == NULL && r->container.title == venue &&
	    r->container.volume != NULL &&
	    (r->container.issue != NULL || r->container.pages != NULL))
		r->match.venue_kind = "journal";
}
