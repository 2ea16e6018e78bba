#include "resolve_talk.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"

enum { TALK_ROOM = 512 };
struct model {
	uint64_t records;
	struct {
		uint64_t hash;
		uint32_t count;
	} counts[TALK_ROOM];
	struct {
		uint64_t a, b;
		double weight;
	} aliases[TALK_ROOM];
	size_t count_count, alias_count;
	struct model_source sources[TALK_ROOM];
	size_t source_count;
};

struct model *
talk_model(uint64_t records)
{
	struct model *m = xcalloc(1, sizeof(*m));

	m->records = records;
	return m;
}

void
talk_free(struct model *m)
{
	free(m);
}

static void
put_count(struct model *m, uint64_t hash, uint32_t count)
{
	BUG_ON(m->count_count == TALK_ROOM);
	m->counts[m->count_count].hash = hash;
	m->counts[m->count_count++].count = count;
}

static void
put_words(struct model *m, enum hash_class class, const char *s, uint32_t count)
{
	while (*s) {
		size_t n = strcspn(s, " ");

		put_count(m, profile_hash(class, s, n), count);
		s += n + (s[n] != '\0');
	}
}

void
talk_words(struct model *m, const char *words, uint32_t count)
{
	put_words(m, HASH_WORD, words, count);
}

void
talk_name_words(struct model *m, const char *words, uint32_t count)
{
	put_words(m, HASH_NAME, words, count);
}

void
talk_identifier(struct model *m, const char *scheme_value, uint32_t count)
{
	put_count(m,
	    profile_hash(HASH_IDENTIFIER, scheme_value, strlen(scheme_value)),
	    count);
}

void
talk_venue(struct model *m, const char *venue, uint32_t count)
{
	put_count(m, profile_hash(HASH_VENUE, venue, strlen(venue)), count);
}

void
talk_title(struct model *m, int source, const char *title, uint32_t count)
{
	struct said s = {.title = title, .source = source};
	struct profile p;
	struct arena a;

	arena_init(&a, 0);
	said_profile(&p, &s, "x", m, &a);
	put_count(m, profile_source_title(source, p.titles[0].hash), count);
	put_count(m, p.titles[0].hash, count);
	arena_release(&a);
}

void
talk_alias(struct model *m, const char *a, const char *b, double weight)
{
	BUG_ON(m->alias_count == TALK_ROOM);
	m->aliases[m->alias_count].a = profile_hash(HASH_VENUE, a, strlen(a));
	m->aliases[m->alias_count].b = profile_hash(HASH_VENUE, b, strlen(b));
	m->aliases[m->alias_count++].weight = weight;
}

void
talk_curated(struct model *m, int source)
{
	BUG_ON(m->source_count == TALK_ROOM);
	m->sources[m->source_count].source_id = source;
	m->sources[m->source_count++].curated = true;
}

uint64_t
model_records(const struct model *m)
{
	return m->records;
}

uint32_t
model_count(const struct model *m, uint64_t hash)
{
	for (size_t i = 0; i < m->count_count; i++)
		if (m->counts[i].hash == hash)
			return m->counts[i].count;
	return 1;
}

void
model_prefetch(const struct model *m, uint64_t hash)
{
	(void)m, (void)hash;
}

double
model_alias(const struct model *m, uint64_t a, uint64_t b, bool *known)
{
	for (size_t i = 0; i < m->alias_count; i++) {
		uint64_t x = m->aliases[i].a, y = m->aliases[i].b;

		*known = (x == a && y == b) || (x == b && y == a);
		if (*known)
			return m->aliases[i].weight;
	}
	*known = false;
	return 0;
}

bool
model_is_curated(const struct model *m, int32_t source_id)
{
	for (size_t i = 0; i < m->source_count; i++)
		if (m->sources[i].source_id == source_id)
			return m->sources[i].curated;
	return false;
}

const struct model_source *
model_sources(const struct model *m, size_t *count)
{
	*count = m->source_count;
	return m->sources;
}

bool
model_is_publisher(const struct model *m, uint64_t venue_hash)
{
	return model_count(m, venue_hash) >= MODEL_PUBLISHER;
}

/* The next of s up to `end`, in the arena; NULL at the end. */
static char *
next_piece(const char **s, char end, struct arena *a)
{
	size_t n;
	char *piece;

	if (!*s || !**s)
		return NULL;
	n = strcspn(*s, (const char[]){end, '\0'});
	piece = arena_strndup(a, *s, n);
	*s += n + ((*s)[n] != '\0');
	return piece;
}

static void
said_names(struct record *r, const char *names, struct arena *a)
{
	char *piece;

	while ((piece = next_piece(&names, ';', a))) {
		struct rec_match_name *name = record_add(a, &r->match.names);

		name->text = piece;
		if (piece[0] && piece[1] == ':') {
			name->text = piece + 2;
			name->kind = *piece == 'p' ? "person" : "organisation";
		}
	}
}

void
said_record(struct record *r, const struct said *s, const char *identifier,
    struct arena *a)
{
	const char *ids = s->ids;
	char *piece;

	memset(r, 0, sizeof(*r));
	r->identifier = identifier;
	r->match.title = s->title;
	if (s->other)
		*(const char **)record_add(a, &r->match.other_titles) =
		    s->other;
	r->match.is_cut = s->is_cut;
	r->match.lang = s->lang;
	said_names(r, s->names, a);
	r->match.venue = s->venue;
	r->match.venue_kind = s->venue_kind;
	r->match.year = s->year;
	r->match.day = s->day;
	while ((piece = next_piece(&ids, ';', a))) {
		struct rec_id *id = record_add(a, &r->identifiers);

		id->value = strchr(piece, '=') + 1;
		id->scheme =
		    arena_strndup(a, piece, (size_t)(id->value - 1 - piece));
	}
	if (s->kind)
		r->kind = (struct rec_code){.code = s->kind, .basis = "mapped"};
	r->family = s->family;
	if (s->languages)
		record_add(a, &r->languages)->code = s->languages;
}

void
said_profile(struct profile *p, const struct said *s, const char *identifier,
    const struct model *m, struct arena *a)
{
	struct record r;

	said_record(&r, s, identifier, a);
	profile_from_record(p, &r, s->source, 1, a);
	profile_prepare(p, m);
}
