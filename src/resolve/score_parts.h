/* How a score is put together, part by part.  For this room only. */
#ifndef SHEAF_RESOLVE_SCORE_PARTS_H
#define SHEAF_RESOLVE_SCORE_PARTS_H

#include "resolve/model.h"
#include "resolve/parameters.h"
#include "resolve/profile.h"
#include "resolve/score.h"

/* What a title of each side has to do with the other.  Sets are bits of
 * indices of profile_title.words. */
struct title_match {
	const struct profile_title *a, *b; /* NULL: there is none */
	double agrees; /* bits that both have */
	double rest_a, rest_b; /* bits that only one has */
	uint64_t only_a, only_b; /* the words of these */
	uint64_t leaked_a, leaked_b; /* words that stand in other fields of the
					other record */
	double share; /* Dice over bits */
	double contained; /* of the shorter one's bits */
	bool is_boilerplate;
	bool is_cut; /* the shorter one says that it is cut off */
	struct score_reason parts[SCORE_PARTS]; /* by part; points 0: none */
	int hundredths; /* of parts together */
};

/* Two records on their way to a score. */
struct pair {
	const struct profile *a, *b;
	const struct model *model;
	struct title_match title; /* of the two titles that fit best */
	const struct profile_id *shared; /* that says most; or NULL */
	double shared_points; /* of it */
	bool shares_thing; /* a symbol, DOI or handle that few have */
	bool other_family;
	struct score *score;
};

/* Adds a part of `points` unless it is 0 when rounded; the reason is to be
 * filled in further.  NULL then. */
struct score_reason *pair_add(struct pair *, enum score_part, double points);
/* Points of a part so far, in hundredths. */
int pair_points(const struct pair *, enum score_part);

/* The title that fits best: title, number, place, qualifier, cut, boilerplate.
 * Identifiers are looked at first. */
void score_titles(struct pair *);
void score_names(struct pair *); /* persons, corporate */
void score_identifiers(struct pair *); /* finds what they share */
void score_differing(struct pair *); /* identifier, identifier-differs */
/* The first organisation among its names; NULL: there is none. */
const struct profile_name *first_corporate(const struct profile *);
/* What the two are to each other, and whether they may be one; the sum is
 * there. */
void score_relate(struct pair *);

static inline bool
bit_of(uint64_t set, size_t at)
{
	return (set >> at & 1) != 0;
}

#endif
