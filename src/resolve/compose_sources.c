/* What the composer knows of sources, agencies and kinds. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/str.h"
#include "resolve/compose_batch.h"

static const char get_sources[] =
    "select s.source_id, s.name, s.agency, s.trust, s.contacts, s.expire_ms "
    "from sheaf.source s order by s.source_id";
/* Of two agencies of one name the first by its code. */
static const char get_agencies[] =
    "select a.name, a.code from sheaf.agency a where a.configured "
    "union all select a.code, a.code from sheaf.agency a where a.configured "
    "order by 2, 1";
static const char get_kinds[] =
    "select v.code, v.parents[1] from sheaf.vocabulary v "
    "where v.scheme = 'kind' and v.parents[1] is not null";
/* A row, where it is another one than kinds go by. */
static const char other_vocabulary[] =
    "select v.digest from sheaf.vocabulary_state v, sheaf.resolving r "
    "where v.digest <> r.vocabulary";
static const char set_vocabulary[] =
    "update sheaf.resolving set vocabulary = $1::text";
static const char of_other_families[] =
    "select sheaf.recompose(array_agg(c.entry_id order by c.entry_no)) "
    "from sheaf.composed c join sheaf.vocabulary v on v.scheme = 'kind' "
    "and v.code = c.kind where v.parents[1] <> c.family";
static const char heard[] =
    "update sheaf.recomposing set fresh = false where fresh";

void
compose_sources_init(struct compose_sources *s)
{
	memset(s, 0, sizeof(*s));
	arena_init(&s->arena, 0);
}

void
compose_sources_release(struct compose_sources *s)
{
	free(s->items);
	free(s->agencies);
	free(s->kinds);
	arena_release(&s->arena);
}

/* Letters and digits, ASCII's in lower case: how names are compared. */
static char *
key_of(struct arena *a, const char *name)
{
	char *key = arena_alloc(a, strlen(name) + 1), *at = key;

	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (c >= 'A' && c <= 'Z')
			*at++ = (char)(c - 'A' + 'a');
		else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			 c >= 0x80)
			*at++ = (char)c;
	}
	*at = '\0';
	return key;
}

static int
by_key(const void *a, const void *b)
{
	const struct compose_label *x = a, *y = b;
	int d = strcmp(x->key, y->key);

	return d != 0 ? d : strcmp(x->value, y->value);
}

static const char *
find(const struct compose_label *labels, size_t count, const char *key)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(labels[mid].key, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < count && !strcmp(labels[low].key, key) ? labels[low].value
							    : NULL;
}

static int
load_sources(struct compose_sources *s, struct work *w, struct err *e)
{
	struct db_result *r = db_work(w->db, get_sources, NULL, e);

	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		struct compose_source *x;
		struct err why;

		GROW(s->items, s->cap, s->count + 1);
		x = &s->items[s->count++];
		memset(x, 0, sizeof(*x));
		x->source_id = db_i32(r, i, 0);
		x->name = arena_strdup(&s->arena, db_text(r, i, 1));
		x->agency = arena_strdup(&s->arena, db_text(r, i, 2));
		x->contacts = db_bool(r, i, 4);
		x->expire_us = db_i64(r, i, 5) * 1000;
		/* The configuration refuses mistakes; another program's may
		 * have been stored. */
		if (trust_read(&x->trust, db_text(r, i, 3), &why) < 0)
			log_warn(x->name,
			    "its trust is not understood, so it has none: %s",
			    why.text);
	}
	db_result_free(r);
	return 0;
}

#define LOAD(sql, labels, count, cap, make_key)                                \
	do {                                                                   \
		struct db_result *r = db_work(w->db, (sql), NULL, e);          \
		if (r == NULL)                                                 \
			return -1;                                             \
		for (int i = 0; i < db_rows(r); i++) {                         \
			const char *key = db_text(r, i, 0);                    \
			GROW((labels), (cap), (count) + 1);                    \
			(labels)[(count)].key = make_key(&s->arena, key);      \
			(labels)[(count)++].value =                            \
			    arena_strdup(&s->arena, db_text(r, i, 1));         \
		}                                                              \
		db_result_free(r);                                             \
		if ((count) > 1)                                               \
			qsort((labels), (count), sizeof(*(labels)), by_key);   \
	} while (0)

int
compose_sources_load(struct compose_sources *s, struct work *w, struct err *e)
{
	s->is_loaded = false;
	s->count = s->agency_count = s->kind_count = 0;
	arena_clear(&s->arena);
	if (db_work_do(w->db, heard, NULL, e) < 0 || load_sources(s, w, e) < 0)
		return -1;
	LOAD(get_agencies, s->agencies, s->agency_count, s->agency_cap, key_of);
	LOAD(get_kinds, s->kinds, s->kind_count, s->kind_cap, arena_strdup);
	s->is_loaded = true;
	return 0;
}

int
compose_sources_kinds(struct compose_sources *s, struct work *w, struct err *e)
{
	struct db_result *r = db_work(w->db, other_vocabulary, NULL, e);
	struct db_params q;
	int rc = 0;

	if (r == NULL)
		return -1;
	if (db_rows(r) > 0) {
		s->is_loaded = false;
		/* Undone half-way it is done again. */
		rc = db_work_do(w->db, of_other_families, NULL, e);
	}
	if (rc == 0 && db_rows(r) > 0) {
		db_params_init(&q);
		db_put_text(&q, db_text(r, 0, 0));
		rc = db_work_do(w->db, set_vocabulary, &q, e);
	}
	db_result_free(r);
	return rc;
}

const struct compose_source *
compose_sources_find(const struct compose_sources *s, int32_t source_id)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (s->items[mid].source_id < source_id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->count && s->items[low].source_id == source_id
		   ? &s->items[low]
		   : NULL;
}

static const char *
agency_named(void *arg, const char *name)
{
	struct compose_sources *s = arg;
	struct arena a;
	const char *key, *code = NULL;

	if (strlen(name) > 400)
		return NULL;
	arena_init(&a, 0);
	key = key_of(&a, name);
	if (*key != '\0')
		code = find(s->agencies, s->agency_count, key);
	arena_release(&a);
	return code;
}

static const char *
family_of(void *arg, const char *kind)
{
	struct compose_sources *s = arg;

	return find(s->kinds, s->kind_count, kind);
}

struct compose_world
compose_sources_world(struct compose_sources *s)
{
	return (struct compose_world){s, agency_named, family_of};
}
