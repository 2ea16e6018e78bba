/* What the parts of resolve share; see resolve/work.h. */
#include "resolve/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "resolve/version.h"

/* Beside the lock of db/init.c. */
static const char take_lock[] =
    "select pg_catalog.pg_try_advisory_lock(7306367)";
static const char get_state[] =
    "select r.phase, r.version, r.position, r.keys_made, "
    "r.profiles_of, (select m.version from sheaf.model m "
    "where m.state = 'current') from sheaf.resolving r";
static const char set_state[] =
    "update sheaf.resolving set phase = $1::text, version = $2::integer, "
    "position = $3::bigint, keys_made = $4::bigint";
static const char get_sources[] =
    "select s.source_id, s.name from sheaf.source s order by s.source_id";
static const char get_names[] = "select r.n from sheaf.renaming r";
static const char get_waiting[] =
    "select coalesce(sum(u.record_count), 0)::bigint "
    "from sheaf.unresolved u";
/* One that learns has not applied what it learned yet, but where there is no
 * record it never will.  What is composed, indexed and counted waits in tables
 * of its own. */
static const char get_rest[] =
    "select (r.phase = 'idle' or (r.phase = 'learn' "
    "and (select p.record_id from sheaf.profile p limit 1) is null)) "
    "and not exists (select from sheaf.uncomposed u "
    "where u.at <= clock_timestamp()) "
    "and not exists (select from sheaf.recomposing) "
    "and not exists (select from sheaf.unindexed u where u.at <= now()) "
    "and not exists (select from sheaf.uncounted) "
    "and not exists (select from sheaf.composed c where c.due <= now()) "
    "from sheaf.resolving r";
static const char get_profiles[] = "select count(*) from sheaf.profile";
/* Profiles in another encoding: all are made again, and so is the model. */
static const char remake_1[] =
    "select sheaf.unresolve(array_agg(r.record_id order by r.record_id)) "
    "from sheaf.record r where r.status in ('active', 'missing')";
static const char remake_2[] = "delete from sheaf.profile";
static const char remake_3[] =
    "update sheaf.resolving set phase = 'learn', version = null, "
    "position = 0, profiles_of = $1::integer";

static const char *const phases[] = {
    [PHASE_IDLE] = "idle",
    [PHASE_LEARN] = "learn",
    [PHASE_PAIRS] = "pairs",
    [PHASE_CLUSTERS] = "clusters",
};

struct db_work *
work_connect(const struct work *w, struct err *e)
{
	return db_work_open(w->connection, w->user, w->password, w->watch, e);
}

int
work_open(struct work *w, struct err *e)
{
	struct db_result *r;
	int locked = 0;

	if (w->db == NULL)
		w->db = work_connect(w, e);
	if (w->db == NULL)
		return -1;
	r = db_work(w->db, take_lock, NULL, e);
	if (r == NULL)
		return -1;
	locked = db_bool(r, 0, 0);
	db_result_free(r);
	return locked;
}

static void
forget_sources(struct work *w)
{
	for (size_t i = 0; i < w->source_count; i++)
		free(w->sources[i].name);
	w->source_count = 0;
	idmap_clear(&w->by_id);
}

void
work_close(struct work *w)
{
	db_work_close(w->db);
	db_work_close(w->reader);
	w->db = w->reader = NULL;
	model_free(w->model);
	w->model = NULL;
	w->version = 0;
	forget_sources(w);
}

void
work_release(struct work *w)
{
	work_close(w);
	free(w->sources);
	idmap_release(&w->by_id);
	for (size_t i = 0; i < w->given_count; i++)
		free(w->given[i].name);
	free(w->given);
}

int
work_begin(struct work *w, struct err *e)
{
	/* What is read belongs together: a record and the block that it says
	 * its content is in. */
	static const char begin[] = "begin isolation level repeatable read";

	return db_work_do(w->db, begin, NULL, e);
}

int
work_commit(struct work *w, struct err *e)
{
	static const char commit[] = "commit";

	return db_work_do(w->db, commit, NULL, e);
}

void
work_rollback(struct work *w)
{
	static const char rollback[] = "rollback";
	struct err ignored;

	if (w->db != NULL && db_work_class(w->db) != DB_RECONNECT)
		db_work_do(w->db, rollback, NULL, &ignored);
}

int
work_empty(struct work *w, const char *truncate, struct err *e)
{
	static const char wait_briefly[] = "set local lock_timeout = '3s'";

	if (work_begin(w, e) < 0)
		return -1;
	if (db_work_do(w->db, wait_briefly, NULL, e) < 0 ||
	    db_work_do(w->db, truncate, NULL, e) < 0) {
		work_rollback(w);
		return -1;
	}
	return work_commit(w, e);
}

/* --- the state --- */
static int
remake_profiles(struct work *w, struct err *e)
{
	struct db_params q;

	if (work_begin(w, e) < 0)
		return -1;
	db_params_init(&q);
	db_put_i32(&q, PROFILE_VERSION);
	if (db_work_do(w->db, remake_1, NULL, e) < 0 ||
	    db_work_do(w->db, remake_2, NULL, e) < 0 ||
	    db_work_do(w->db, remake_3, &q, e) < 0) {
		db_params_release(&q);
		work_rollback(w);
		return -1;
	}
	return work_commit(w, e);
}

static enum phase
phase_of(const char *name)
{
	for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++) {
		if (!strcmp(phases[i], name))
			return (enum phase)i;
	}
	return PHASE_LEARN;
}

static int
read_state(
    struct work *w, int32_t *current, int32_t *profiles_of, struct err *e)
{
	struct db_result *r = db_work(w->db, get_state, NULL, e);

	if (r == NULL)
		return -1;
	if (db_rows(r) != 1) {
		db_result_free(r);
		return err_set(e, ERR_DB, 0, "sheaf.resolving has no row");
	}
	w->state.phase = phase_of(db_text(r, 0, 0));
	w->state.version = db_i32(r, 0, 1);
	w->state.position = db_i64(r, 0, 2);
	w->state.keys_made = db_i64(r, 0, 3);
	*profiles_of = db_i32(r, 0, 4);
	*current = db_i32(r, 0, 5);
	db_result_free(r);
	return 0;
}

int
work_load(struct work *w, struct err *e)
{
	int32_t current, profiles_of, version;

	if (read_state(w, &current, &profiles_of, e) < 0)
		return -1;
	if (profiles_of != PROFILE_VERSION) {
		if (remake_profiles(w, e) < 0 ||
		    read_state(w, &current, &profiles_of, e) < 0)
			return -1;
	}
	version = current;
	if (w->state.phase == PHASE_PAIRS || w->state.phase == PHASE_CLUSTERS)
		version = w->state.version;
	if (version == 0 && w->state.phase == PHASE_IDLE)
		w->state.phase = PHASE_LEARN;
	if (version == w->version && w->model != NULL)
		return 0;
	model_free(w->model);
	w->model = NULL;
	w->version = 0;
	w->unread = 0;
	if (version == 0)
		return 0;
	w->model = version_load(w, version, e);
	if (w->model == NULL)
		return -1;
	w->version = version;
	return 0;
}

int
work_save(struct work *w, struct err *e)
{
	struct db_params q;

	if (w->weighing != NULL)
		return 0; /* begun anew when it is cut short */
	db_params_init(&q);
	db_put_text(&q, phases[w->state.phase]);
	if (w->state.version != 0)
		db_put_i32(&q, w->state.version);
	else
		db_put_null(&q);
	db_put_i64(&q, w->state.position);
	db_put_i64(&q, w->state.keys_made);
	return db_work_do(w->db, set_state, &q, e);
}

/* --- sources --- */
static int
one_number(struct work *w, const char *sql, uint64_t *n, struct err *e)
{
	struct db_result *r = db_work(w->db, sql, NULL, e);

	if (r == NULL)
		return -1;
	*n = (uint64_t)db_i64(r, 0, 0);
	db_result_free(r);
	return 0;
}

static int
read_sources(struct work *w, struct err *e)
{
	struct db_result *r = db_work(w->db, get_sources, NULL, e);

	if (r == NULL)
		return -1;
	forget_sources(w);
	GROW(w->sources, w->source_cap, (size_t)db_rows(r) + 1);
	for (int i = 0; i < db_rows(r); i++) {
		struct work_source *s = &w->sources[w->source_count];
		const char *name = db_text(r, i, 1);

		s->id = db_i32(r, i, 0);
		s->name = xstrdup(name);
		s->key = profile_hash(HASH_RECORD, name, strlen(name));
		idmap_add(
		    &w->by_id, (uint64_t)s->id, (uint32_t)w->source_count++);
	}
	db_result_free(r);
	return 0;
}

int
work_names(struct work *w, struct err *e)
{
	uint64_t n;

	if (one_number(w, get_names, &n, e) < 0)
		return -1;
	if ((int64_t)n != w->names)
		forget_sources(w);
	w->names = (int64_t)n;
	return 0;
}

const char *
work_table(const struct work *w, const char *current, const char *proposed)
{
	return w->weighing != NULL ? proposed : current;
}

const struct work_source *
work_source(struct work *w, int32_t source_id, struct err *e)
{
	const uint32_t *at = idmap_find(&w->by_id, (uint64_t)source_id);

	if (at == NULL) {
		if (read_sources(w, e) < 0)
			return NULL;
		at = idmap_find(&w->by_id, (uint64_t)source_id);
	}
	if (at == NULL) {
		err_set(e, ERR_DB, 0,
		    "the database has no source %d, but "
		    "records of it",
		    source_id);
		return NULL;
	}
	return &w->sources[*at];
}

bool
work_given(const struct work *w, const char *name, bool *is_curated)
{
	for (size_t i = 0; i < w->given_count; i++) {
		if (!strcmp(w->given[i].name, name)) {
			*is_curated = w->given[i].is_curated;
			return true;
		}
	}
	return false;
}

int
work_waiting(struct work *w, uint64_t *records, struct err *e)
{
	return one_number(w, get_waiting, records, e);
}

int
work_rests(struct work *w, bool *rests, struct err *e)
{
	struct db_result *r = db_work(w->db, get_rest, NULL, e);

	if (r == NULL)
		return -1;
	*rests = db_rows(r) > 0 && db_bool(r, 0, 0);
	db_result_free(r);
	return 0;
}

int
work_profiles(struct work *w, uint64_t *count, struct err *e)
{
	return one_number(w, get_profiles, count, e);
}
