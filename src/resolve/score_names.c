/* Persons and organisations of two records. */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "resolve/score_parts.h"
#include "resolve/word.h"

/* Words of the persons' names on both sides. */
struct persons {
	const struct profile *a, *b;
	uint64_t only_a, only_b; /* bits of name_words */
	double agrees; /* bits */
};

static double
weight_of(const struct profile *p, size_t at)
{
	return p->name_words[at].word.weight;
}

static uint64_t
personal_words(const struct profile *p)
{
	uint64_t set = 0;

	for (size_t i = 0; i < p->name_word_count; i++)
		if (p->name_words[i].is_personal)
			set |= UINT64_C(1) << i;
	return set;
}

static void
match_words(struct persons *n)
{
	const struct profile *a = n->a, *b = n->b;
	size_t i = 0, j = 0;

	while (i < a->name_word_count && j < b->name_word_count) {
		uint64_t x = a->name_words[i].word.hash;
		uint64_t y = b->name_words[j].word.hash;

		if (x == y && bit_of(n->only_a, i) && bit_of(n->only_b, j)) {
			n->agrees += weight_of(a, i);
			n->only_a &= ~(UINT64_C(1) << i);
			n->only_b &= ~(UINT64_C(1) << j);
		}
		i += x <= y;
		j += y <= x;
	}
}

/* Names that stand in the other's title instead. */
static void
match_leaked(struct persons *n, uint64_t *only, const struct profile *p,
    const struct profile_title *title, uint64_t leaked)
{
	for (; leaked; leaked &= leaked - 1) {
		uint64_t hash = title->words[__builtin_ctzll(leaked)].hash;

		for (uint64_t set = *only; set; set &= set - 1) {
			int at = __builtin_ctzll(set);

			if (p->name_words[at].word.hash != hash)
				continue;
			n->agrees += weight_of(p, (size_t)at);
			*only &= ~(UINT64_C(1) << at);
			break;
		}
	}
}

static void
match_near(struct persons *n)
{
	for (uint64_t x = n->only_a; x; x &= x - 1) {
		size_t i = (size_t)__builtin_ctzll(x);

		for (uint64_t y = n->only_b; y; y &= y - 1) {
			size_t j = (size_t)__builtin_ctzll(y);

			if (!word_near_name(&n->a->name_words[i].word,
				&n->b->name_words[j].word))
				continue;
			n->agrees +=
			    fmin(weight_of(n->a, i), weight_of(n->b, j)) *
			    PARAMETER.near_name;
			n->only_a &= ~(UINT64_C(1) << i);
			n->only_b &= ~(UINT64_C(1) << j);
			break;
		}
	}
}

static double
rest_of(const struct profile *p, uint64_t set)
{
	double sum = 0;

	for (; set; set &= set - 1)
		sum += weight_of(p, (size_t)__builtin_ctzll(set));
	return sum;
}

/* "s arnaud" is Arnaud Sahuguet with given and family name exchanged: names of
 * x that are those of y then. */
static size_t
mirrored_in(const struct profile *x, const struct profile *y)
{
	size_t count = 0;

	for (size_t i = 0; i < x->name_count; i++) {
		const struct profile_name *s = &x->names[i];

		for (size_t j = 0; s->beside && j < y->name_count; j++) {
			const struct profile_name *t = &y->names[j];

			if (!t->beside || s->initial != *t->beside ||
			    t->initial != *s->beside ||
			    (s->beside_length == t->beside_length &&
				memcmp(s->beside, t->beside,
				    s->beside_length) == 0))
				continue;
			count++;
			break;
		}
	}
	return count;
}

static size_t
mirrored(const struct profile *a, const struct profile *b)
{
	size_t x = mirrored_in(a, b), y = mirrored_in(b, a);

	return x < y ? x : y;
}

static double
points_of_persons(const struct pair *p, const struct persons *n, double share)
{
	const struct title_match *t = &p->title;
	size_t swapped = share < .5 ? mirrored(n->a, n->b) : 0;
	double points;

	if (share >= .75)
		points = fmin(
		    PARAMETER.persons_most, PARAMETER.persons_bit * n->agrees);
	else if (swapped >= 2)
		points = PARAMETER.persons_mirrored;
	else if (share >= .5)
		points = fmin(PARAMETER.persons_half,
		    PARAMETER.persons_half_bit * n->agrees);
	else if (share >= .3)
		points = PARAMETER.persons_third;
	else if (share >= .1)
		points = PARAMETER.persons_tenth;
	else
		points = PARAMETER.persons_none;
	if (points < 0 &&
	    (swapped > 0 ||
		(t->share >= PARAMETER.excused_share &&
		    t->agrees >= PARAMETER.excused_bits && !t->is_boilerplate)))
		points = fmax(points, PARAMETER.persons_excused);
	return points;
}

static void
score_persons(struct pair *p)
{
	struct persons n = {.a = p->a,
	    .b = p->b,
	    .only_a = personal_words(p->a),
	    .only_b = personal_words(p->b)};
	const struct title_match *t = &p->title;
	struct score_reason *r;
	double share, least;

	match_words(&n);
	if (t->leaked_a)
		match_leaked(&n, &n.only_b, n.b, t->a, t->leaked_a);
	if (t->leaked_b)
		match_leaked(&n, &n.only_a, n.a, t->b, t->leaked_b);
	if (n.agrees == 0 && (!n.only_a || !n.only_b))
		return;
	if (n.only_a && n.only_b)
		match_near(&n);
	least = fmin(rest_of(n.a, n.only_a), rest_of(n.b, n.only_b));
	share = n.agrees / (n.agrees + least);
	r = pair_add(p, SCORE_PERSONS, points_of_persons(p, &n, share));
	if (r) {
		r->share = (float)share;
		r->bits = (float)n.agrees;
	}
}

static bool
is_acronym(const struct profile_name *x, const struct profile_name *of)
{
	return of->initials[0] != 0 &&
	       (x->solid == of->initials[0] || x->solid == of->initials[1]);
}

static bool
is_same_body(const struct pair *p, const struct profile_name *x,
    const struct profile_name *y)
{
	bool known;
	double alias;

	if (x->hash == y->hash || is_acronym(x, y) || is_acronym(y, x))
		return true;
	alias = model_alias(p->model, x->hash, y->hash, &known);
	return known && alias >= 1;
}

const struct profile_name *
first_corporate(const struct profile *p)
{
	for (size_t i = 0; i < p->name_count; i++)
		if (p->names[i].is_corporate)
			return &p->names[i];
	return NULL;
}

static void
score_corporate(struct pair *p)
{
	const struct profile_name *x = first_corporate(p->a),
				  *y = first_corporate(p->b);
	bool same = false, beside;
	struct score_reason *r;
	double points;

	if (!x || !y)
		return;
	for (size_t i = 0; i < p->a->name_count && !same; i++) {
		for (size_t j = 0; j < p->b->name_count && !same; j++) {
			if (!p->a->names[i].is_corporate ||
			    !p->b->names[j].is_corporate)
				continue;
			same =
			    is_same_body(p, &p->a->names[i], &p->b->names[j]);
			if (same) {
				x = &p->a->names[i];
				y = &p->b->names[j];
			}
		}
	}
	beside = personal_words(p->a) && personal_words(p->b);
	points = !same	  ? PARAMETER.corporate_other
		 : beside ? PARAMETER.corporate_beside
			  : PARAMETER.corporate_same;
	r = pair_add(p, SCORE_CORPORATE, points);
	if (r) {
		r->of_a = x->text;
		r->of_b = y->text;
	}
}

void
score_names(struct pair *p)
{
	score_persons(p);
	score_corporate(p);
}
