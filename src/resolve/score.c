/* The score of two records, and what they are to each other. */
#include "resolve/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "resolve/score_parts.h"

struct score_reason *
pair_add(struct pair *p, enum score_part part, double points)
{
	struct score *s = p->score;
	int hundredths = (int)lround(points * 100);

	if (hundredths == 0)
		return NULL;
	s->parts[s->count] =
	    (struct score_reason){.part = part, .points = hundredths};
	s->hundredths += hundredths;
	return &s->parts[s->count++];
}

int
pair_points(const struct pair *p, enum score_part part)
{
	for (size_t i = 0; i < p->score->count; i++)
		if (p->score->parts[i].part == part)
			return p->score->parts[i].points;
	return 0;
}

static void
add_title_parts(struct pair *p)
{
	struct score *s = p->score;

	for (size_t i = 0; i < SCORE_PARTS; i++) {
		if (p->title.parts[i].points == 0)
			continue;
		s->parts[s->count++] = p->title.parts[i];
		s->hundredths += p->title.parts[i].points;
	}
}

/* What happens on a day, or is said on one. */
static bool
is_of_a_day(const struct profile *p)
{
	return p->kind &&
	       (strcmp(p->kind, "news") == 0 || strcmp(p->kind, "event") == 0);
}

static void
score_days(struct pair *p, double of_year)
{
	int64_t apart = llabs((int64_t)p->a->day - p->b->day);
	bool dated = is_of_a_day(p->a) || is_of_a_day(p->b);
	double points = fmin(
	    of_year, dated ? PARAMETER.day_other_dated : PARAMETER.day_other);
	struct score_reason *r;

	if (apart == 0)
		points = PARAMETER.day_same;
	else if (apart <= 2)
		points = PARAMETER.day_near;
	r = pair_add(p, SCORE_DAY, points);
	if (r)
		r->count = (uint32_t)apart;
}

/* Of a record without a year that has the other's year in its title. */
static int
year_or_leaked(const struct profile *p, const struct profile *other,
    const struct profile_title *t, uint64_t leaked)
{
	if (p->year != 0 || other->year == 0)
		return p->year;
	for (; leaked; leaked &= leaked - 1)
		if (t->words[__builtin_ctzll(leaked)].hash ==
		    other->year_words[0])
			return other->year;
	return 0;
}

/* 0: the years are not known, or the same. */
static int
score_dates(struct pair *p)
{
	const struct title_match *t = &p->title;
	int a = year_or_leaked(p->a, p->b, t->a, t->leaked_a);
	int b = year_or_leaked(p->b, p->a, t->b, t->leaked_b);
	int apart = abs(a - b);
	double points = PARAMETER.year_far;
	struct score_reason *r;

	if (a == 0 || b == 0)
		return 0;
	if (apart == 0)
		points = PARAMETER.year_same;
	else if (apart == 1)
		points = PARAMETER.year_next;
	else if (apart == 2)
		points = PARAMETER.year_near;
	if (p->a->day != PROFILE_NO_DAY && p->b->day != PROFILE_NO_DAY) {
		score_days(p, points);
	} else if ((r = pair_add(p, SCORE_YEAR, points))) {
		r->count = (uint32_t)apart;
	}
	return apart;
}

static size_t
shared_venue_words(const struct profile *a, const struct profile *b)
{
	size_t i = 0, j = 0, count = 0;

	while (i < a->venue_word_count && j < b->venue_word_count) {
		uint64_t x = a->venue_words[i].hash, y = b->venue_words[j].hash;

		count += x == y;
		i += x <= y;
		j += y <= x;
	}
	return count;
}

static void
score_venue(struct pair *p, int years_apart)
{
	const struct profile *a = p->a, *b = p->b;
	enum score_part part = SCORE_VENUE;
	struct score_reason *r;
	bool known = false;
	double points = 0;
	size_t least;

	if (a->venue_word_count == 0 || b->venue_word_count == 0)
		return;
	least = a->venue_word_count < b->venue_word_count ? a->venue_word_count
							  : b->venue_word_count;
	if (a->venue_hash && b->venue_hash)
		points =
		    model_alias(p->model, a->venue_hash, b->venue_hash, &known);
	if (known) {
		points = fmax(-PARAMETER.venue_alias_most,
		    fmin(PARAMETER.venue_alias_most, points));
	} else if (a->venue_kind && b->venue_kind &&
		   a->venue_kind != b->venue_kind) {
		part = SCORE_KIND;
		points = years_apart ? PARAMETER.kind_year_other
				     : PARAMETER.kind_other;
	} else {
		points = (double)shared_venue_words(a, b) >=
				 PARAMETER.venue_half * (double)least
			     ? PARAMETER.venue_same
			     : PARAMETER.venue_other;
	}
	r = pair_add(p, part, points);
	if (r) {
		r->of_a = a->venue;
		r->of_b = b->venue;
		r->count = known;
	}
}

/* The body that one names as its author may be the publisher of the other:
 * where neither of the two fields could be compared, these are. */
static void
score_author_and_venue(
    struct pair *p, const struct profile *author, const struct profile *other)
{
	const struct profile_name *x = first_corporate(author);
	struct score_reason *r;
	double points = PARAMETER.venue_same;
	bool known = false;

	if (!x || author->venue_word_count > 0 || other->venue_hash == 0 ||
	    other->venue_word_count == 0 || first_corporate(other))
		return;
	if (x->hash != other->venue_hash) {
		points =
		    model_alias(p->model, x->hash, other->venue_hash, &known);
		if (!known)
			return;
		points = fmax(-PARAMETER.venue_alias_most,
		    fmin(PARAMETER.venue_alias_most, points));
	}
	r = pair_add(p, SCORE_VENUE, points);
	if (r) {
		r->of_a = author == p->a ? x->text : other->venue;
		r->of_b = author == p->a ? other->venue : x->text;
		r->count = known;
	}
}

/* What both say that they are, in words of the registry. */
static void
score_kinds(struct pair *p)
{
	const struct profile *a = p->a, *b = p->b;
	struct score_reason *r;
	bool is_loose = a->family == FAMILY_OFFER || a->family == FAMILY_NEED;

	if (!a->kind || !b->kind || strcmp(a->kind, b->kind) == 0 ||
	    pair_points(p, SCORE_KIND) != 0)
		return;
	r = pair_add(p, SCORE_KIND,
	    is_loose ? PARAMETER.kind_code_offer : PARAMETER.kind_code);
	if (r) {
		r->of_a = a->kind;
		r->of_b = b->kind;
	}
}

/* Words that say what it is, and what they carry: numbers and places apart. */
static size_t
telling_words(const struct profile_title *t)
{
	size_t count = 0;

	for (size_t i = 0; i < t->count; i++)
		count += (t->words[i].flags & (WORD_NUMBER | WORD_PLACE)) == 0;
	return count;
}

static double
bits_of_numbers(const struct profile_title *t, uint64_t only)
{
	double sum = 0;

	for (size_t i = 0; i < t->count; i++)
		if ((t->words[i].flags & WORD_NUMBER) != 0 && !bit_of(only, i))
			sum += t->words[i].weight;
	return sum;
}

/* A short title says little; something else has to agree. */
static void
score_short(struct pair *p)
{
	const struct title_match *t = &p->title;
	size_t a, b;

	if (!t->a || t->parts[SCORE_TITLE].points <= 0 ||
	    t->agrees - bits_of_numbers(t->a, t->only_a) >=
		PARAMETER.short_bits)
		return;
	a = telling_words(t->a);
	b = telling_words(t->b);
	if ((double)(a < b ? a : b) > PARAMETER.short_words)
		return;
	if (pair_points(p, SCORE_PERSONS) < 100 * PARAMETER.short_persons &&
	    pair_points(p, SCORE_CORPORATE) <= 0 &&
	    pair_points(p, SCORE_IDENTIFIER) <= 0 &&
	    pair_points(p, SCORE_DAY) < 100 * PARAMETER.day_same &&
	    pair_points(p, SCORE_VENUE) < 100 * PARAMETER.short_venue)
		pair_add(p, SCORE_SHORT, PARAMETER.short_title);
}

/* One order for both ways round, so that no step of the way can tell them
 * apart. */
static bool
is_in_order(const struct profile *a, const struct profile *b)
{
	uint64_t x = a->title_count ? a->titles[0].hash : 0;
	uint64_t y = b->title_count ? b->titles[0].hash : 0;

	if (x != y)
		return x < y;
	if (a->identifier_hash != b->identifier_hash)
		return a->identifier_hash < b->identifier_hash;
	if (a->source_id != b->source_id)
		return a->source_id < b->source_id;
	return a->record_id <= b->record_id;
}

static void
turn_round(struct score *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const char *of_a = s->parts[i].of_a;

		s->parts[i].of_a = s->parts[i].of_b;
		s->parts[i].of_b = of_a;
	}
	if (s->relation != RELATION_NONE)
		s->from_b = !s->from_b;
}

void
score_pair(struct score *s, const struct profile *a, const struct profile *b,
    const struct model *m)
{
	bool is_turned = !is_in_order(a, b);
	struct pair p = {.a = is_turned ? b : a,
	    .b = is_turned ? a : b,
	    .model = m,
	    .score = s};
	int years_apart = 0;

	BUG_ON(a->model != m || b->model != m);
	s->hundredths = 0;
	s->count = 0;
	s->other_family = s->other_language = s->from_b = false;
	s->relation = RELATION_NONE;
	p.other_family = a->family && b->family && a->family != b->family;
	score_identifiers(&p);
	score_titles(&p);
	add_title_parts(&p);
	score_names(&p);
	if (!p.other_family) {
		years_apart = score_dates(&p);
		score_venue(&p, years_apart);
		score_author_and_venue(&p, p.a, p.b);
		score_author_and_venue(&p, p.b, p.a);
		score_kinds(&p);
	}
	score_differing(&p);
	score_short(&p);
	s->sum = s->hundredths / 100.0;
	score_relate(&p);
	if (is_turned)
		turn_round(s);
}
