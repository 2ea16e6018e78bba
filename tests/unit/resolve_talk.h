/* Profiles in a few words, and a model that knows what a test says: it stands
 * in for resolve/model.c. */
#ifndef SHEAF_TESTS_RESOLVE_TALK_H
#define SHEAF_TESTS_RESOLVE_TALK_H

#include "resolve/model.h"
#include "resolve/profile.h"

/* As record.match and the record have it; NULL and 0: nothing. */
struct said {
	const char *title, *other; /* of normal form: "annual report #2012" */
	const char *names; /* a ";" between; "o:" and "p:" say what kind */
	const char *venue, *venue_kind, *year, *day;
	const char *ids; /* "doi=10.1/x;isbn=978…" */
	const char *kind, *family; /* mapped, not by default */
	const char *lang, *languages; /* one of the content */
	int source;
	bool is_cut;
};

void said_record(struct record *r, const struct said *s, const char *identifier,
    struct arena *a);
/* Prepared for the model. */
void said_profile(struct profile *p, const struct said *s,
    const char *identifier, const struct model *m, struct arena *a);

/* A registry of so many records; whatever is not said is in one. */
struct model *talk_model(uint64_t records);
void talk_free(struct model *m);
/* Words of a title (of names), each in so many records. */
void talk_words(struct model *m, const char *words, uint32_t count);
void talk_name_words(struct model *m, const char *words, uint32_t count);
void talk_identifier(struct model *m, const char *scheme_value, uint32_t count);
void talk_venue(struct model *m, const char *venue, uint32_t count);
void talk_title(struct model *m, int source, const char *title, uint32_t count);
void talk_alias(struct model *m, const char *a, const char *b, double weight);
void talk_curated(struct model *m, int source);

#endif
