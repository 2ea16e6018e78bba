/* Identifiers that two records share, or have each of its own. */
#include <math.h>

#include "resolve/score_parts.h"

/* Whoever has it is this thing, in whatever language; nothing beside it has. */
static bool
names_thing(enum id_scheme s)
{
	return s == ID_DOI || s == ID_HANDLE || s == ID_UN_SYMBOL;
}

/* Its issuer gives a thing one of them.  A repository gives handles, and an
 * edition has an ISBN in each of its forms. */
static bool
is_single(enum id_scheme s)
{
	return s == ID_DOI || s == ID_UN_SYMBOL || s == ID_IATI ||
	       s == ID_ARXIV || s == ID_PMID;
}

/* Shared ISBNs and landing pages fade with the records that have them. */
static double
points_of(const struct profile_id *id)
{
	double points = PARAMETER.identifier;

	if (id->scheme == ID_PATENT)
		points = PARAMETER.identifier_patent;
	else if (id->scheme == ID_URL)
		points = PARAMETER.identifier_url;
	if (id->holders > PARAMETER.identifier_rare)
		points -= PARAMETER.identifier_fade *
			  log2(id->holders / PARAMETER.identifier_rare);
	return fmax(0, points);
}

void
score_identifiers(struct pair *p)
{
	const struct profile *a = p->a, *b = p->b;
	size_t i = 0, j = 0;

	while (i < a->id_count && j < b->id_count) {
		const struct profile_id *x = &a->ids[i], *y = &b->ids[j];

		if (x->hash == y->hash) {
			double points = points_of(x);

			if (!p->shared || points > p->shared_points) {
				p->shared = x;
				p->shared_points = points;
			}
			if (names_thing(x->scheme) &&
			    x->holders <= PARAMETER.identifier_rare)
				p->shares_thing = true;
		}
		i += x->hash <= y->hash;
		j += y->hash <= x->hash;
	}
}

static const struct profile_id *
first_of(const struct profile *p, enum id_scheme scheme)
{
	for (size_t i = 0; i < p->id_count; i++)
		if (p->ids[i].scheme == scheme)
			return &p->ids[i];
	return NULL;
}

void
score_differing(struct pair *p)
{
	struct score_reason *r;

	if (p->shared &&
	    (r = pair_add(p, SCORE_IDENTIFIER, p->shared_points))) {
		r->of_both = profile_scheme_name(p->shared->scheme);
		r->of_a = r->of_b = p->shared->value;
		r->count = p->shared->holders;
	}
	if (p->shares_thing)
		return;
	for (enum id_scheme s = 0; s < ID_SCHEMES; s++) {
		const struct profile_id *x, *y;

		if (!is_single(s) || (p->shared && p->shared->scheme == s) ||
		    !(x = first_of(p->a, s)) || !(y = first_of(p->b, s)))
			continue;
		r = pair_add(
		    p, SCORE_IDENTIFIER_DIFFERS, PARAMETER.identifier_differs);
		if (r) {
			r->of_both = profile_scheme_name(s);
			r->of_a = x->value;
			r->of_b = y->value;
		}
		return;
	}
}
