/* What two records are to each other where they are not one: a news item is
 * about a technology, a project responds to a need, a report has versions and
 * translations. */
#include <stdlib.h>
#include <string.h>

#include "resolve/score_parts.h"

static int
hundredths(double points)
{
	return (int)(points * 100);
}

static void
relate(struct pair *p, enum score_relation relation, bool from_b)
{
	p->score->relation = relation;
	p->score->from_b = from_b;
}

static void
relate_families(struct pair *p)
{
	enum family a = p->a->family, b = p->b->family;

	if (p->score->hundredths < hundredths(PARAMETER.relate_family))
		return;
	if (a == FAMILY_KNOWLEDGE || b == FAMILY_KNOWLEDGE)
		relate(p, RELATION_ABOUT, b == FAMILY_KNOWLEDGE);
	else if (a == FAMILY_NEED && b != FAMILY_ACTOR)
		relate(p, RELATION_RESPONDS_TO, true);
	else if (b == FAMILY_NEED && a != FAMILY_ACTOR)
		relate(p, RELATION_RESPONDS_TO, false);
	else
		relate(p, RELATION_RELATED, false);
}

/* Codes with a space between, sorted. */
static bool
have_common_word(const char *a, const char *b)
{
	while (*a) {
		size_t n = strcspn(a, " ");
		const char *s = b;

		while (*s) {
			size_t k = strcspn(s, " ");

			if (k == n && memcmp(a, s, n) == 0)
				return true;
			s += k + (s[k] == ' ');
		}
		a += n + (a[n] == ' ');
	}
	return false;
}

static bool
titles_differ_in_language(const struct pair *p)
{
	return p->a->lang && p->b->lang && strcmp(p->a->lang, p->b->lang) != 0;
}

static const char *
languages_of(const struct profile *p)
{
	return p->languages ? p->languages : p->lang;
}

/* Titles that are equal tell nothing of their language, whatever is declared;
 * so they have to be in two languages, and what they are titles of, too. */
static bool
is_other_language(const struct pair *p)
{
	const struct title_match *t = &p->title;
	bool by_other;

	if (p->shares_thing || !t->a || !titles_differ_in_language(p))
		return false;
	by_other = t->a != &p->a->titles[0] || t->b != &p->b->titles[0];
	return by_other &&
	       !have_common_word(languages_of(p->a), languages_of(p->b));
}

/* The one whose other title it is, is made of the one whose own it is. */
static void
relate_languages(struct pair *p)
{
	if (p->score->hundredths >= hundredths(PARAMETER.relate))
		relate(
		    p, RELATION_TRANSLATION_OF, p->title.a == &p->a->titles[0]);
}

/* The number of t alone beside "edition" or the like; -1: none. */
static int
edition_of(const struct profile_title *t, uint64_t only)
{
	for (size_t i = 0; i < t->order_count; i++) {
		const struct profile_word *w = &t->words[t->order[i]];
		unsigned beside = 0;

		if ((w->flags & WORD_NUMBER) == 0 || !bit_of(only, t->order[i]))
			continue;
		if (i > 0)
			beside |= t->words[t->order[i - 1]].flags;
		if (i + 1 < t->order_count)
			beside |= t->words[t->order[i + 1]].flags;
		if ((beside & WORD_EDITION) != 0)
			return atoi(w->text + 1);
	}
	return -1;
}

static bool
has_flag(const struct profile_title *t, uint64_t only, unsigned flags)
{
	for (; only; only &= only - 1)
		if ((t->words[__builtin_ctzll(only)].flags & flags) != 0)
			return true;
	return false;
}

/* What tells versions apart is taken off before it is asked whether they would
 * be one. */
static int
without_version(const struct pair *p)
{
	static const enum score_part parts[] = {SCORE_NUMBER, SCORE_QUALIFIER,
	    SCORE_KIND, SCORE_YEAR, SCORE_DAY, SCORE_IDENTIFIER_DIFFERS};
	int sum = p->score->hundredths;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		int points = pair_points(p, parts[i]);

		if (points < 0)
			sum -= points;
	}
	return sum;
}

static bool
is_news(const struct profile *p)
{
	return p->kind && strcmp(p->kind, "news") == 0;
}

static void
relate_versions(struct pair *p)
{
	const struct title_match *t = &p->title;
	const unsigned drafts = WORD_PLAIN | WORD_WEAK;
	int a, b;

	if (!t->a || p->score->hundredths >= hundredths(PARAMETER.merge) ||
	    without_version(p) < hundredths(PARAMETER.relate))
		return;
	if (p->a->kind && p->b->kind && is_news(p->a) != is_news(p->b)) {
		relate(p, RELATION_ABOUT, is_news(p->b));
		return;
	}
	a = edition_of(t->a, t->only_a);
	b = edition_of(t->b, t->only_b);
	if (a < 0 && b < 0 && !has_flag(t->a, t->only_a, drafts) &&
	    !has_flag(t->b, t->only_b, drafts) &&
	    (!p->a->venue_kind || !p->b->venue_kind ||
		p->a->venue_kind == p->b->venue_kind))
		return;
	if (p->a->year && p->b->year && p->a->year != p->b->year)
		relate(p, RELATION_VERSION_OF, p->b->year > p->a->year);
	else
		relate(p, RELATION_VERSION_OF, b > a);
}

void
score_relate(struct pair *p)
{
	struct score *s = p->score;

	s->other_family = p->other_family;
	s->says_nothing = titles_differ_in_language(p) &&
			  s->hundredths < hundredths(PARAMETER.review);
	s->other_language = !p->other_family && is_other_language(p);
	if (s->other_family)
		relate_families(p);
	else if (s->other_language)
		relate_languages(p);
	else
		relate_versions(p);
}
