/* How much two titles agree, and what speaks against them though they do:
 * numbers, places, qualifiers. */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "resolve/score_parts.h"
#include "resolve/word.h"

static uint64_t
all_of(size_t count)
{
	return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

static double
bits_of(const struct profile_title *t, uint64_t set)
{
	double sum = 0;

	for (; set; set &= set - 1)
		sum += t->words[__builtin_ctzll(set)].rest;
	return sum;
}

/* Words that are equal.  Both lists are sorted by hash. */
static void
match_equal(struct title_match *m)
{
	const struct profile_title *a = m->a, *b = m->b;
	size_t i = 0, j = 0;

	m->only_a = all_of(a->count);
	m->only_b = all_of(b->count);
	while (i < a->count && j < b->count) {
		uint64_t x = a->words[i].hash, y = b->words[j].hash;

		if (x == y) {
			m->agrees += a->words[i].weight;
			m->only_a &= ~(UINT64_C(1) << i);
			m->only_b &= ~(UINT64_C(1) << j);
		}
		i += x <= y;
		j += y <= x;
	}
}

static bool
is_joined(const struct profile_word *whole, const struct profile_word *first,
    const struct profile_word *second)
{
	const unsigned marked = WORD_NUMBER | WORD_PLACE;

	return whole->length == first->length + second->length &&
	       ((first->flags | second->flags) & marked) == 0 &&
	       memcmp(whole->text, first->text, first->length) == 0 &&
	       memcmp(whole->text + first->length, second->text,
		   second->length) == 0;
}

/* "data base" of t for "database" of the other. */
static void
match_joined(struct title_match *m, const struct profile_title *t,
    uint64_t *only, const struct profile_title *other, uint64_t *other_only)
{
	for (size_t i = 0; i + 1 < t->order_count && *only && *other_only;
	     i++) {
		size_t p = t->order[i], q = t->order[i + 1];

		if (!bit_of(*only, p) && !bit_of(*only, q))
			continue;
		for (uint64_t set = *other_only; set; set &= set - 1) {
			int at = __builtin_ctzll(set);

			if (!is_joined(
				&other->words[at], &t->words[p], &t->words[q]))
				continue;
			m->agrees +=
			    other->words[at].weight * PARAMETER.joined_word;
			*other_only &= ~(UINT64_C(1) << at);
			*only &= ~(UINT64_C(1) << p | UINT64_C(1) << q);
			break;
		}
	}
}

static int
longest_of(const struct profile_title *t, uint64_t set)
{
	int best = -1;

	for (; set; set &= set - 1) {
		int at = __builtin_ctzll(set);

		if (best < 0 ||
		    t->words[at].characters > t->words[best].characters)
			best = at;
	}
	return best;
}

/* Slips of the pen, the longest words first, which tell most.  What a pair
 * lacks is missing on both sides. */
static double
match_alike(struct title_match *m)
{
	uint64_t left = m->only_a;
	double lacks = 0;

	while (left && m->only_b) {
		int at = longest_of(m->a, left), found = -1;
		const struct profile_word *w = &m->a->words[at];
		double best = 0;

		left &= ~(UINT64_C(1) << at);
		for (uint64_t set = m->only_b; set; set &= set - 1) {
			int other = __builtin_ctzll(set);
			double like = word_likeness(w, &m->b->words[other]);

			if (like > best) {
				best = like;
				found = other;
			}
		}
		if (found >= 0) {
			double bits =
			    fmin(w->weight, m->b->words[found].weight);

			m->agrees += bits * best;
			lacks += bits * (1 - best);
			m->only_a &= ~(UINT64_C(1) << at);
			m->only_b &= ~(UINT64_C(1) << found);
		}
	}
	return lacks;
}

static bool
has_word(const struct profile_word *words, size_t count, uint64_t hash)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].hash == hash)
			return true;
	return false;
}

static bool
is_elsewhere(const struct profile *p, const struct profile_word *w)
{
	for (size_t i = 0; i < p->name_word_count; i++)
		if (p->name_words[i].word.hash == w->hash &&
		    p->name_words[i].is_personal)
			return true;
	if (has_word(p->venue_words, p->venue_word_count, w->bare))
		return true;
	return (w->flags & WORD_NUMBER) != 0 && p->year != 0 &&
	       (w->hash == p->year_words[0] || w->hash == p->year_words[1]);
}

/* Fields leak into each other: words that stand among the other record's
 * creators, in its venue or as its year are no words of the title. */
static uint64_t
take_leaked(
    const struct profile_title *t, uint64_t *only, const struct profile *other)
{
	uint64_t leaked = 0;

	for (uint64_t set = *only; set; set &= set - 1) {
		int at = __builtin_ctzll(set);

		if (is_elsewhere(other, &t->words[at]))
			leaked |= UINT64_C(1) << at;
	}
	*only &= ~leaked;
	return leaked;
}

static uint64_t
flagged(const struct profile_title *t, uint64_t set, unsigned flags)
{
	uint64_t out = 0;

	for (; set; set &= set - 1) {
		int at = __builtin_ctzll(set);

		if ((t->words[at].flags & flags) != 0)
			out |= UINT64_C(1) << at;
	}
	return out;
}

/* Nearly the same letters, only the spaces stand elsewhere.  Numbers and
 * places have to agree all the same. */
static void
match_squeezed(struct title_match *m)
{
	const struct profile_title *a = m->a, *b = m->b;
	const unsigned exact = WORD_NUMBER | WORD_PLACE;
	ptrdiff_t apart =
	    (ptrdiff_t)a->squeezed_length - (ptrdiff_t)b->squeezed_length;

	if (!(m->only_a | m->only_b) || a->order_count == b->order_count ||
	    m->agrees < PARAMETER.squeezed_bits || apart > 2 || apart < -2 ||
	    (double)a->squeezed_length < PARAMETER.squeezed_letters)
		return;
	if (!text_near(a->squeezed, a->squeezed_length, b->squeezed,
		b->squeezed_length, 2))
		return;
	m->agrees += fmin(m->rest_a, m->rest_b);
	m->only_a = flagged(a, m->only_a, exact);
	m->only_b = flagged(b, m->only_b, exact);
	m->rest_a = bits_of(a, m->only_a);
	m->rest_b = bits_of(b, m->only_b);
}

static double
points_of_share(double share)
{
	const double at[][2] = {{0, PARAMETER.title_none},
	    {.3, PARAMETER.title_30}, {.5, PARAMETER.title_50},
	    {.6, PARAMETER.title_60}, {.7, PARAMETER.title_70},
	    {.8, PARAMETER.title_80}, {.9, PARAMETER.title_90},
	    {1, PARAMETER.title_all}};
	size_t i = 1;

	while (i < sizeof(at) / sizeof(*at) - 1 && share > at[i][0])
		i++;
	return at[i - 1][1] + (at[i][1] - at[i - 1][1]) *
				  (share - at[i - 1][0]) /
				  (at[i][0] - at[i - 1][0]);
}

static struct score_reason *
add_part(struct title_match *m, enum score_part part, double points)
{
	struct score_reason *r = &m->parts[part];

	r->part = part;
	r->points = (int)lround(points * 100);
	m->hundredths += r->points;
	return r;
}

static size_t
fewest_words(const struct title_match *m)
{
	return m->a->count < m->b->count ? m->a->count : m->b->count;
}

static void
judge_words(struct title_match *m, const struct pair *p)
{
	const unsigned decisive = WORD_NUMBER | WORD_PLACE | WORD_STRONG;
	double both = 2 * m->agrees + m->rest_a + m->rest_b;
	double least = fmin(m->rest_a, m->rest_b), points;
	struct score_reason *r;

	m->share = both > 0 ? 2 * m->agrees / both : 0;
	m->contained =
	    m->agrees + least > 0 ? m->agrees / (m->agrees + least) : 0;
	points = points_of_share(m->share);
	if (m->contained > PARAMETER.contained_share &&
	    (double)fewest_words(m) >= PARAMETER.contained_words &&
	    m->agrees >= PARAMETER.contained_bits)
		points = fmax(points, PARAMETER.title_contained);
	if (points > 0)
		points *= fmin(1, m->agrees / PARAMETER.title_bits);
	if (points > 0 && m->agrees > PARAMETER.long_bits &&
	    !flagged(m->a, m->only_a, decisive) &&
	    !flagged(m->b, m->only_b, decisive))
		points += fmin(PARAMETER.long_most,
		    PARAMETER.long_bit * (m->agrees - PARAMETER.long_bits));
	if (points < PARAMETER.title_language && p->shares_thing &&
	    p->a->lang && p->b->lang && strcmp(p->a->lang, p->b->lang) != 0)
		points = PARAMETER.title_language;
	r = add_part(m, SCORE_TITLE, points);
	r->share = (float)m->share;
	r->bits = (float)m->agrees;
	m->is_boilerplate = m->a->times >= PARAMETER.boilerplate_times ||
			    m->b->times >= PARAMETER.boilerplate_times;
	if (m->is_boilerplate && points > 0) {
		r = add_part(m, SCORE_BOILERPLATE,
		    -points * (1 - PARAMETER.boilerplate));
		r->count =
		    m->a->times > m->b->times ? m->a->times : m->b->times;
	}
}

/* Words of t that stand only where the other title, as it says itself, is cut
 * off already. */
static uint64_t
behind_cut(const struct title_match *m, const struct profile_title *t)
{
	const struct profile_title *cut = t == m->a ? m->b : m->a;
	uint64_t before = 0;

	if (!m->is_cut || t->order_count <= cut->order_count)
		return 0;
	for (size_t i = 0; i < cut->order_count; i++)
		before |= UINT64_C(1) << t->order[i];
	return ~before;
}

/* Words of a kind on both sides, or on one. */
static void
judge_exact(struct title_match *m, enum score_part part, unsigned flag,
    double both, double one)
{
	uint64_t a = flagged(m->a, m->only_a & ~behind_cut(m, m->a), flag);
	uint64_t b = flagged(m->b, m->only_b & ~behind_cut(m, m->b), flag);
	struct score_reason *r;

	if (!a && !b)
		return;
	r = add_part(m, part, a && b ? both : one);
	r->of_a = a ? m->a->words[__builtin_ctzll(a)].text : NULL;
	r->of_b = b ? m->b->words[__builtin_ctzll(b)].text : NULL;
}

static void
judge_qualifiers(struct title_match *m)
{
	const unsigned any = WORD_STRONG | WORD_PLAIN | WORD_WEAK | WORD_MONTH;
	uint64_t a = flagged(m->a, m->only_a, any);
	uint64_t b = flagged(m->b, m->only_b, any);
	struct score_reason *r;
	double points = PARAMETER.qualifier_plain;

	if (!a && !b)
		return;
	if (flagged(m->a, a, WORD_STRONG) || flagged(m->b, b, WORD_STRONG))
		points = PARAMETER.qualifier_strong;
	else if (flagged(m->a, a, WORD_WEAK) == a &&
		 flagged(m->b, b, WORD_WEAK) == b)
		points = PARAMETER.qualifier_weak;
	r = add_part(m, SCORE_QUALIFIER, points);
	r->of_a = a ? m->a->words[__builtin_ctzll(a)].text : NULL;
	r->of_b = b ? m->b->words[__builtin_ctzll(b)].text : NULL;
}

/* The shorter title is the beginning of the longer one, but perhaps for its
 * last word. */
static bool
goes_on(const struct title_match *m, const struct profile_title *x,
    const struct profile_title *y)
{
	size_t same = 0;

	while (same < x->order_count &&
	       x->words[x->order[same]].hash == y->words[y->order[same]].hash)
		same++;
	return same + 1 >= x->order_count ||
	       (m->contained > PARAMETER.cut_share && same > 0);
}

static void
judge_cut(struct title_match *m, const struct pair *p)
{
	const struct profile_title *x = m->a, *y = m->b;
	bool is_said;

	if ((m->only_a && m->only_b) || fewest_words(m) < 3)
		return;
	/* x: the shorter one, which holds nothing of its own. */
	if (m->only_a ||
	    (!m->only_b && m->a->order_count > m->b->order_count)) {
		x = m->b;
		y = m->a;
	}
	if (y->order_count <= x->order_count || x->order_count < 3 ||
	    !goes_on(m, x, y))
		return;
	is_said = (x == &p->a->titles[0] && p->a->is_cut) ||
		  (x == &p->b->titles[0] && p->b->is_cut);
	m->is_cut = is_said;
	if (is_said || (double)x->squeezed_length >= PARAMETER.cut_letters)
		add_part(m, SCORE_CUT,
		    is_said ? PARAMETER.cut_said : PARAMETER.cut_seen);
}

static void
match_titles(struct title_match *m, const struct pair *p,
    const struct profile_title *a, const struct profile_title *b)
{
	double lacks = 0;

	memset(m, 0, sizeof(*m));
	m->a = a;
	m->b = b;
	match_equal(m);
	if (m->only_a && m->only_b) {
		match_joined(m, a, &m->only_a, b, &m->only_b);
		match_joined(m, b, &m->only_b, a, &m->only_a);
		lacks = match_alike(m);
	}
	m->leaked_a = take_leaked(a, &m->only_a, p->b);
	m->leaked_b = take_leaked(b, &m->only_b, p->a);
	m->rest_a = bits_of(a, m->only_a) + lacks;
	m->rest_b = bits_of(b, m->only_b) + lacks;
	match_squeezed(m);
	judge_words(m, p);
	judge_cut(m, p);
	judge_exact(m, SCORE_NUMBER, WORD_NUMBER, PARAMETER.number_both,
	    PARAMETER.number_one);
	judge_exact(m, SCORE_PLACE, WORD_PLACE, PARAMETER.place_both,
	    PARAMETER.place_one);
	judge_qualifiers(m);
}

void
score_titles(struct pair *p)
{
	struct title_match other;

	memset(&p->title, 0, sizeof(p->title));
	if (p->a->title_count == 0 || p->b->title_count == 0) {
		add_part(&p->title, SCORE_TITLE, PARAMETER.title_missing);
		return;
	}
	match_titles(&p->title, p, &p->a->titles[0], &p->b->titles[0]);
	for (size_t i = 0; i < p->a->title_count; i++) {
		for (size_t j = i == 0; j < p->b->title_count; j++) {
			match_titles(
			    &other, p, &p->a->titles[i], &p->b->titles[j]);
			if (other.hundredths > p->title.hundredths)
				p->title = other;
		}
	}
}
