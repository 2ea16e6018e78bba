/*
 * How much speaks for two records being one thing: a sum of named parts.
 *
 * Every part is rounded to hundredths of a point before it is added, so that
 * what is shown adds up to the score exactly.  The score is a function of two
 * profiles and a model and nothing else, and the same both ways round.
 */
#ifndef SHEAF_RESOLVE_SCORE_H
#define SHEAF_RESOLVE_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "resolve/profile.h"

/* Goes up when the same parameters give other points: what an older program
 * judged is judged again then (resolve/version.h). */
enum { SCORE_VERSION = 2 };

enum score_part {
	SCORE_TITLE,
	SCORE_NUMBER, /* numbers in the titles */
	SCORE_PLACE, /* places in the titles */
	SCORE_QUALIFIER, /* "corrigendum", "draft", a month on one side */
	SCORE_CUT, /* one title goes on where the other ends */
	SCORE_PERSONS,
	SCORE_CORPORATE,
	SCORE_YEAR,
	SCORE_DAY, /* instead of the year, where both have a day */
	SCORE_VENUE,
	SCORE_KIND,
	SCORE_IDENTIFIER, /* they share one */
	SCORE_IDENTIFIER_DIFFERS, /* each has one of an issuer that gives only
				     one to a thing */
	SCORE_SHORT, /* a short title with nothing beside it */
	SCORE_BOILERPLATE, /* what is taken off for a title that a curated
			      source has again and again */
	SCORE_PARTS /* how many */
};

struct score_reason {
	enum score_part part;
	int points; /* hundredths */
	/* What it was seen by; which of them depends on the part.  Texts are
	 * the profiles'. */
	float share, bits;
	uint32_t count;
	const char *of_a, *of_b, *of_both;
};

enum score_relation {
	RELATION_NONE,
	RELATION_ABOUT,
	RELATION_RESPONDS_TO,
	RELATION_VERSION_OF,
	RELATION_TRANSLATION_OF,
	RELATION_RELATED,
};

struct score {
	double sum; /* hundredths / 100 */
	int hundredths; /* of all parts together */
	size_t count;
	struct score_reason parts[SCORE_PARTS]; /* each part once */
	bool other_family; /* of different declared families: never one */
	bool other_language; /* versions of one thing in two languages that
				share no symbol, DOI or handle: never one */
	/* Their titles are in two languages, and do not agree: the sum speaks
	 * neither for nor against them, and is left out of a cluster's mean. */
	bool says_nothing;
	/* What they are to each other where they are not one: a record is
	 * `relation` of the other.  Only said where there is enough for it
	 * (parameters.h, relate). */
	enum score_relation relation;
	bool from_b; /* b is about a; otherwise a about b */
};

/* Both profiles are prepared for the model.  Under 3 µs. */
void score_pair(struct score *s, const struct profile *a,
    const struct profile *b, const struct model *m);
/* Whether the two may stand in one entry at all, whatever the sum. */
static inline bool
score_may_merge(const struct score *s)
{
	return !s->other_family && !s->other_language;
}

/* "title", "number", … ; "about", "responds-to", …, NULL for none. */
const char *score_part_name(enum score_part p);
const char *score_relation_name(enum score_relation r);

/* The evidence in registry.match:
 * [{"part":"title","points":8.5,"detail":"0.93 of 41 bits agree"},…] */
void score_json(struct buf *out, const struct score *s);
/* For an operator: one line a part, "+8.50  The titles agree …", then what
 * they are to each other, each line with a line feed. */
void score_words(struct buf *out, const struct score *s);

#endif
