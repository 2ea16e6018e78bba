/* The model in memory: counts, aliases, sources. */
#include "resolve/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "resolve/model_priv.h"
#include "resolve/profile.h"

struct model *
model_new(void)
{
	struct model *m = xcalloc(1, sizeof(*m));

	m->floor = 2;
	counts_init(&m->counts, LIMIT_MODEL_COUNTS);
	arena_init(&m->arena, 0);
	return m;
}

void
model_free(struct model *m)
{
	if (!m)
		return;
	counts_release(&m->counts);
	arena_release(&m->arena);
	free(m->aliases);
	free(m->slots);
	free(m->sources);
	free(m->sorted);
	free(m);
}

int32_t
model_version(const struct model *m)
{
	return m->version;
}

void
model_set_version(struct model *m, int32_t version)
{
	m->version = version;
}

uint64_t
model_records(const struct model *m)
{
	return m->records;
}

uint32_t
model_floor(const struct model *m)
{
	return m->floor;
}

uint32_t
model_count(const struct model *m, uint64_t hash)
{
	uint32_t count = counts_get(&m->counts, hash);

	return count ? count : 1;
}

void
model_prefetch(const struct model *m, uint64_t hash)
{
	counts_prefetch(&m->counts, hash);
}

bool
model_is_publisher(const struct model *m, uint64_t venue_hash)
{
	return venue_hash != 0 && model_count(m, venue_hash) >= MODEL_PUBLISHER;
}

/* --- sources --- */

static size_t
find_source(const struct model *m, int32_t source_id)
{
	size_t low = 0, high = m->source_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (m->sources[middle].source_id < source_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
model_is_curated(const struct model *m, int32_t source_id)
{
	size_t i = find_source(m, source_id);

	return i < m->source_count && m->sources[i].source_id == source_id &&
	       m->sources[i].curated;
}

int
model_load_source(
    struct model *m, const struct model_source *source, struct err *e)
{
	size_t i = find_source(m, source->source_id);

	if (i < m->source_count &&
	    m->sources[i].source_id == source->source_id) {
		m->sources[i] = *source;
		return 0;
	}
	if (m->source_count >= LIMIT_MODEL_SOURCES)
		return err_set(e, ERR_LIMIT, 0,
		    "the model has more than %zu sources", LIMIT_MODEL_SOURCES);
	GROW(m->sources, m->source_cap, m->source_count + 1);
	memmove(&m->sources[i + 1], &m->sources[i],
	    (m->source_count - i) * sizeof(*m->sources));
	m->sources[i] = *source;
	m->source_count++;
	return 0;
}

const struct model_source *
model_sources(const struct model *m, size_t *count)
{
	*count = m->source_count;
	return m->sources;
}

/* --- aliases --- */

static uint64_t
alias_key(uint64_t a, uint64_t b)
{
	return a < b ? profile_hash_both(HASH_VENUE, a, b)
		     : profile_hash_both(HASH_VENUE, b, a);
}

static size_t
find_alias(const struct model *m, uint64_t key)
{
	size_t low = 0, high = m->alias_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (m->slots[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

double
model_alias(
    const struct model *m, uint64_t hash_a, uint64_t hash_b, bool *known)
{
	size_t i = 0;
	uint64_t key;

	*known = false;
	if (m->alias_count == 0 || !m->slots)
		return 0;
	key = alias_key(hash_a, hash_b);
	i = find_alias(m, key);
	*known = i < m->alias_count && m->slots[i].key == key;
	return *known ? m->slots[i].weight : 0;
}

const struct model_alias *
model_aliases(const struct model *m, size_t *count)
{
	*count = m->alias_count;
	return m->aliases;
}

void
model_add_alias(struct model *m, const struct model_alias *alias)
{
	bool swap = strcmp(alias->a, alias->b) > 0;
	struct model_alias *to;

	GROW(m->aliases, m->alias_cap, m->alias_count + 1);
	to = &m->aliases[m->alias_count++];
	to->a = arena_strdup(&m->arena, swap ? alias->b : alias->a);
	to->b = arena_strdup(&m->arena, swap ? alias->a : alias->b);
	to->kind = strcmp(alias->kind, "body") == 0 ? "body" : "venue";
	to->weight = round(alias->weight * 100) / 100;
	m->is_ready = false;
}

static bool
is_name(const char *s)
{
	size_t n = s ? strlen(s) : 0;

	return n > 0 && n <= LIMIT_MODEL_NAME && utf8_valid(s, n);
}

int
model_load_alias(
    struct model *m, const struct model_alias *alias, struct err *e)
{
	if (m->alias_count >= LIMIT_MODEL_ALIASES)
		return err_set(e, ERR_LIMIT, 0,
		    "the model has more than %zu aliases", LIMIT_MODEL_ALIASES);
	if (!is_name(alias->a) || !is_name(alias->b))
		return err_set(e, ERR_PROTO, 0,
		    "an alias of the model has no name, or one beyond %zu "
		    "bytes",
		    LIMIT_MODEL_NAME);
	if (!alias->kind || (strcmp(alias->kind, "venue") != 0 &&
				strcmp(alias->kind, "body") != 0))
		return err_set(e, ERR_PROTO, 0,
		    "an alias of the model is of no known kind");
	if (!isfinite(alias->weight) || fabs(alias->weight) > 100)
		return err_set(e, ERR_PROTO, 0,
		    "an alias of the model weighs nothing that is a number");
	model_add_alias(m, alias);
	return 0;
}

static int
compare_aliases(const void *a, const void *b)
{
	const struct model_alias *x = a, *y = b;
	int c = strcmp(y->kind, x->kind);

	if (c == 0)
		c = strcmp(x->a, y->a);
	return c ? c : strcmp(x->b, y->b);
}

static int
compare_slots(const void *a, const void *b)
{
	const struct model_alias_slot *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

int
model_ready(struct model *m, struct err *e)
{
	if (!m->has_part)
		return err_set(e, ERR_PROTO, 0, "the model has no part");
	if (m->counts.used != m->expected)
		return err_set(e, ERR_PROTO, 0,
		    "the model has %zu counts, expected %llu: a part is "
		    "missing",
		    m->counts.used, (unsigned long long)m->expected);
	free(m->slots);
	m->slots = xcalloc(m->alias_count + 1, sizeof(*m->slots));
	if (m->alias_count > 0)
		qsort(m->aliases, m->alias_count, sizeof(*m->aliases),
		    compare_aliases);
	for (size_t i = 0; i < m->alias_count; i++) {
		const struct model_alias *alias = &m->aliases[i];

		m->slots[i].key = alias_key(
		    profile_hash(HASH_VENUE, alias->a, strlen(alias->a)),
		    profile_hash(HASH_VENUE, alias->b, strlen(alias->b)));
		m->slots[i].weight = alias->weight;
	}
	qsort(m->slots, m->alias_count, sizeof(*m->slots), compare_slots);
	for (size_t i = 1; i < m->alias_count; i++)
		if (m->slots[i].key == m->slots[i - 1].key)
			return err_set(e, ERR_PROTO, 0,
			    "the model says two things of one pair of names");
	m->is_ready = true;
	return 0;
}
