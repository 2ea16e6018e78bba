/* The feed profile: categories whose scheme is urn:sheaf:…, and what they
 * declare. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "crosswalk/feed_date.h"
#include "crosswalk/feed_item.h"
#include "crosswalk/settle.h"
#include "crosswalk/text.h"
#include "crosswalk/vocab.h"
#include "record/words.h"

static void
set(struct rec_code *c, const char *code, const char *term, const char *scheme)
{
	c->code = code;
	c->basis = "declared";
	c->scheme = scheme;
	c->term = strcmp(code, term) != 0 ? term : NULL;
}

static void
profile_country(
    struct crosswalk *x, const char *role, const char *term, const char *scheme)
{
	const char *code = vocab_country_code(term);
	struct rec_code c = {0};

	if (code == NULL)
		code = vocab_country(term);
	if (!word_known(words_country_role, role) || code == NULL) {
		record_warn(x->r, x->a, "country-unknown",
		    "%s: %.100s is no country or group known", scheme, term);
		return;
	}
	for (; code != NULL; code = rules_next(code)) {
		set(&c, code, term, scheme);
		c.role = role;
		code_add(x, AXIS_COUNTRY, &c);
	}
}

/* Sectors or SDGs: each code that the term stands for. */
static void
take_codes(
    struct crosswalk *x, bool is_sector, const char *term, const char *scheme)
{
	const char *code = is_sector ? vocab_sectors(term) : vocab_sdgs(term);

	if (code == NULL)
		record_warn(x->r, x->a,
		    is_sector ? "sector-unknown" : "sdg-unknown",
		    "%s: %.100s is none known", scheme, term);
	for (; code != NULL; code = rules_next(code)) {
		struct rec_code c = {0};

		set(&c, code, term, scheme);
		code_add(x, is_sector ? AXIS_SECTOR : AXIS_SDG, &c);
	}
}

static void
profile_trl(struct crosswalk *x, const char *term)
{
	char *end;
	long min = strtol(term, &end, 10), max = min;

	if (*end == '-')
		max = strtol(end + 1, &end, 10);
	if (min < 1 || max > 9 || max < min || *end != '\0') {
		record_warn(x->r, x->a, "trl-unknown",
		    "urn:sheaf:trl: %.60s is none of 1 to 9", term);
		return;
	}
	x->r->trl_min = arena_printf(x->a, "%ld", min);
	x->r->trl_max = arena_printf(x->a, "%ld", max);
}

static void
take_deadline(struct crosswalk *x, const char *term)
{
	struct rec_date *d = ADD(x, dates);
	struct when w;

	if (d == NULL)
		return;
	d->role = "deadline";
	if (!feed_date_read(&w, term)) {
		d->text = term;
		record_warn(x->r, x->a, "date-unknown",
		    "date: %.100s is not understood", term);
		return;
	}
	d->value = arena_strdup(x->a, w.value);
	d->precision = w.precision;
}

bool
feed_take_profile(struct crosswalk *x, const char *scheme, const char *term)
{
	struct record *r = x->r;
	const char *what;

	if (scheme == NULL || !str_case_starts(scheme, "urn:sheaf:"))
		return false;
	what = scheme + 10;
	if (strcmp(what, "kind") == 0) {
		const char *kind = vocab_family(term) ? term : vocab_kind(term);

		if (kind != NULL)
			set(&r->kind, kind, term, scheme);
		else
			record_warn(r, x->a, "kind-unknown",
			    "urn:sheaf:kind: %.100s is no kind known", term);
	} else if (strcmp(what, "sector") == 0 || strcmp(what, "sdg") == 0)
		take_codes(x, what[1] == 'e', term, scheme);
	else if (str_starts(what, "country:"))
		profile_country(x, what + 8, term, scheme);
	else if (strcmp(what, "status") == 0 && word_known(words_status, term))
		r->status = term;
	else if (strcmp(what, "trl") == 0)
		profile_trl(x, term);
	else if (strcmp(what, "deadline") == 0)
		take_deadline(x, term);
	else if (strcmp(what, "responds-to") == 0) {
		struct rec_relation *rel = ADD(x, relations);

		if (rel != NULL) {
			rel->type = "responds-to";
			rel->value = term;
			rel->scheme = strstr(term, "://") ? "url" : "local";
		}
	} else
		record_warn(r, x->a, "profile-unknown",
		    "%.80s: %.100s is not of the feed profile", scheme, term);
	return true;
}
