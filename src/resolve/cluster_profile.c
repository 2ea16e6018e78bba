/* What clustering needs of profiles. */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "resolve/cluster.h"
#include "resolve/model.h"
#include "resolve/parameters.h"
#include "resolve/profile.h"
#include "resolve/score.h"

/* One thing has one of these; an ISBN is also that of each chapter, a URL of
 * each item on a page. */
static bool
names_one_thing(const struct profile_id *id)
{
	return (id->scheme == ID_DOI || id->scheme == ID_HANDLE ||
		   id->scheme == ID_UN_SYMBOL) &&
	       id->holders <= PARAMETER.identifier_rare;
}

void
clusters_record_of(struct clusters_record *r, const struct profile *p,
    uint64_t source_key, struct arena *a)
{
	uint64_t rare[LIMIT_CLUSTER_RARE_IDS], *kept;
	size_t n = 0;

	*r = (struct clusters_record){.key = profile_hash_both(HASH_RECORD,
					  source_key, p->identifier_hash),
	    .record_id = (uint64_t)p->record_id,
	    .source_id = p->source_id,
	    .is_curated = p->is_curated,
	    .family = (int)p->family};
	for (size_t i = 0; i < p->id_count && n < LIMIT_CLUSTER_RARE_IDS; i++) {
		if (names_one_thing(&p->ids[i]))
			rare[n++] = p->ids[i].hash;
	}
	if (n == 0)
		return;
	kept = arena_alloc(a, n * sizeof(*kept));
	if (kept == NULL)
		return;
	memcpy(kept, rare, n * sizeof(*kept));
	r->rare = kept;
	r->rare_count = n;
}

/* The words of persons' names; one of them may lack them, if the year is there.
 */
static bool
same_persons(const struct profile *a, const struct profile *b)
{
	size_t i = 0, k = 0, met = 0;

	for (;; i++, k++) {
		while (i < a->name_word_count && !a->name_words[i].is_personal)
			i++;
		while (k < b->name_word_count && !b->name_words[k].is_personal)
			k++;
		if (i == a->name_word_count || k == b->name_word_count)
			break;
		if (a->name_words[i].word.hash != b->name_words[k].word.hash)
			return false;
		met++;
	}
	if (i < a->name_word_count || k < b->name_word_count)
		return met == 0 && a->year != 0 && b->year != 0;
	return met > 0;
}

static bool
same_venue(const struct profile *a, const struct profile *b)
{
	bool known;

	if (a->venue_hash == 0 || b->venue_hash == 0 ||
	    a->venue_hash == b->venue_hash)
		return true;
	return a->venue_kind == b->venue_kind &&
	       model_alias(a->model, a->venue_hash, b->venue_hash, &known) >=
		   PARAMETER.twins_venue;
}

/* Nothing but the venue, which is asked for itself, may speak against twins. */
static bool
speaks_against(const struct score_reason *r)
{
	if (r->part == SCORE_TITLE)
		return (double)r->share < PARAMETER.twins_share ||
		       (double)r->bits < PARAMETER.title_bits;
	return r->points < 0 && r->part != SCORE_VENUE;
}

bool
clusters_twins(const struct profile *a, const struct profile *b)
{
	bool has_title = false;
	struct score s;

	if (!same_persons(a, b) || !same_venue(a, b))
		return false;
	score_pair(&s, a, b, a->model);
	if (!score_may_merge(&s))
		return false;
	for (size_t i = 0; i < s.count; i++) {
		if (speaks_against(&s.parts[i]))
			return false;
		has_title |= s.parts[i].part == SCORE_TITLE;
	}
	return has_title && (a->year != 0 || b->year != 0);
}

double
clusters_score(const struct score *s)
{
	if (!score_may_merge(s))
		return -INFINITY;
	return s->says_nothing ? NAN : s->sum;
}
