/* Versions of the model in the database; see resolve/version.h. */
#include "resolve/version.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "resolve/blocking.h"
#include "resolve/parameters.h"
#include "resolve/score.h"

static const char get_parts[] =
    "select p.part, p.data from sheaf.model_part p "
    "where p.version = $1::integer and p.part >= $2::integer "
    "order by p.part limit 4";
static const char get_aliases[] =
    "select a.a, a.b, a.kind, a.weight::float8 from sheaf.model_alias a "
    "where a.version = $1::integer";
static const char get_sources[] =
    "select s.source_id, coalesce(s.mean::float8, 'nan'), s.seen, s.curated, "
    "s.given from sheaf.model_source s where s.version = $1::integer";
static const char new_version[] =
    "insert into sheaf.model (version, state, records, parameters, note) "
    "select coalesce(max(m.version), 0) + 1, 'learning', $1::bigint, "
    "$2::text, $3::text from sheaf.model m returning version";
static const char put_part[] =
    "insert into sheaf.model_part (version, part, data) "
    "values ($1::integer, $2::integer, $3::bytea)";
static const char put_aliases[] =
    "insert into sheaf.model_alias (version, a, b, kind, weight) "
    "select $1::integer, u.a, u.b, u.kind, u.weight "
    "from unnest($2::text[], $3::text[], $4::text[], $5::float8[]) "
    "as u (a, b, kind, weight)";
static const char put_sources[] =
    "insert into sheaf.model_source (version, source_id, mean, seen, "
    "curated, given) "
    "select $1::integer, u.source_id, nullif(u.mean, 'nan'), u.seen, "
    "u.curated, u.given "
    "from unnest($2::integer[], $3::float8[], $4::integer[], $5::boolean[], "
    "$6::boolean[]) as u (source_id, mean, seen, curated, given)";
/* What an operator may apply stays until the new one is weighed, too. */
static const char drop_others[] =
    "delete from sheaf.model where state in ('learning', $2::text) "
    "and (weighed_at is null or state <> 'proposed') "
    "and version <> $1::integer";
static const char set_state[] =
    "update sheaf.model set state = $2::text where version = $1::integer";
static const char retire[] =
    "update sheaf.model set state = 'past' where state = 'current'";
static const char make_current[] =
    "update sheaf.model set state = 'current', applied_at = clock_timestamp() "
    "where version = $1::integer";
/* A version of old is a row; its tables are of no use. */
static const char drop_parts[] =
    "delete from sheaf.model_part p using sheaf.model m "
    "where m.version = p.version and m.state = 'past'";
/* Profiles are counted where it shall be exact, or they are not about as many
 * as before by the statistics that PostgreSQL keeps. */
static const char get_model[] =
    "select m.records, m.parameters, "
    "case when not $2::boolean "
    "and s.rows between 0.8 * m.records and 1.1 * m.records "
    "then s.rows::bigint else (select count(*) from sheaf.profile) end "
    "from sheaf.model m left join ("
    "select pg_relation_size(c.oid) / current_setting('block_size')::float8 "
    "* c.reltuples / nullif(c.relpages, 0) as rows "
    "from pg_class c where c.oid = 'sheaf.profile'::regclass) s on true "
    "where m.version = $1::integer";

static const char set_unfit[] = "update sheaf.resolving set unfit = $1::text, "
				"checked_at = clock_timestamp()";
/* Learned of what was there before; it is asked for again. */
static const char drop_proposed[] =
    "delete from sheaf.model where state = 'proposed'";

/* Of so many records of a model one may have keys alone that are not read. */
enum { UNREAD_SHARE = 100 };

const char *
version_parameters(void)
{
	static char hex[2 * DIGEST_BYTES + 1];
	uint8_t sum[DIGEST_BYTES];
	struct digest d;

	if (hex[0] == '\0') {
		const int made_by[] = {PROFILE_VERSION, SCORE_VERSION,
		    BLOCKING_KEYS, LIMIT_POSTINGS, MODEL_PUBLISHER};

		digest_init(&d);
		digest_add(&d, &PARAMETER, sizeof(PARAMETER));
		digest_add(&d, made_by, sizeof(made_by));
		digest_end(&d, sum);
		digest_hex(hex, sum);
	}
	return hex;
}

/* --- loading --- */
static int
load_parts(struct work *w, struct model *m, int32_t version, struct err *e)
{
	int32_t next = 0;
	int rows, rc = 0;

	do {
		struct db_params q;
		struct db_result *r;

		db_params_init(&q);
		db_put_i32(&q, version);
		db_put_i32(&q, next);
		r = db_work(w->db, get_parts, &q, e);
		if (r == NULL)
			return -1;
		rows = db_rows(r);
		for (int i = 0; rc == 0 && i < rows; i++) {
			size_t n;
			const void *data = db_bytes(r, i, 1, &n);

			next = db_i32(r, i, 0) + 1;
			rc = model_load_part(
			    m, (uint32_t)db_i32(r, i, 0), data, n, e);
		}
		db_result_free(r);
	} while (rc == 0 && rows > 0);
	return rc;
}

static struct db_result *
of_version(struct work *w, const char *sql, int32_t version, struct err *e)
{
	struct db_params q;

	db_params_init(&q);
	db_put_i32(&q, version);
	return db_work(w->db, sql, &q, e);
}

static int
load_aliases(struct work *w, struct model *m, int32_t version, struct err *e)
{
	struct db_result *r = of_version(w, get_aliases, version, e);
	int rc = r == NULL ? -1 : 0;

	for (int i = 0; rc == 0 && i < db_rows(r); i++) {
		struct model_alias a = {db_text(r, i, 0), db_text(r, i, 1),
		    round(db_f64(r, i, 3) * 100) / 100, db_text(r, i, 2)};

		rc = model_load_alias(m, &a, e);
	}
	db_result_free(r);
	return rc;
}

static int
load_sources(struct work *w, struct model *m, int32_t version, struct err *e)
{
	struct db_result *r = of_version(w, get_sources, version, e);
	int rc = r == NULL ? -1 : 0;

	for (int i = 0; rc == 0 && i < db_rows(r); i++) {
		struct model_source s = {.source_id = db_i32(r, i, 0),
		    .mean = db_f64(r, i, 1),
		    .seen = (uint32_t)db_i32(r, i, 2),
		    .curated = db_bool(r, i, 3),
		    .given = db_bool(r, i, 4)};

		rc = model_load_source(m, &s, e);
	}
	db_result_free(r);
	return rc;
}

struct model *
version_load(struct work *w, int32_t version, struct err *e)
{
	struct model *m = model_new();

	if (load_parts(w, m, version, e) < 0 ||
	    load_aliases(w, m, version, e) < 0 ||
	    load_sources(w, m, version, e) < 0 || model_ready(m, e) < 0) {
		err_prefix(e, "model %" PRId32, version);
		model_free(m);
		return NULL;
	}
	model_set_version(m, version);
	return m;
}

/* --- storing --- */
static int
store_parts(struct work *w, struct model *m, int32_t version, struct err *e)
{
	struct buf part;
	int rc = 0;

	buf_init(&part, LIMIT_MODEL_PART);
	for (uint32_t i = 0; rc == 0 && model_part(&part, m, i) == 1; i++) {
		struct db_params q;

		db_params_init(&q);
		db_put_i32(&q, version);
		db_put_i32(&q, (int32_t)i);
		db_put_bytes(&q, part.data, part.len);
		rc = db_work_do(w->db, put_part, &q, e);
	}
	buf_release(&part);
	return rc;
}

#define COLUMN(type, put)                                                      \
	do {                                                                   \
		db_array_begin(&q, (type));                                    \
		for (size_t i = 0; i < n; i++)                                 \
			put;                                                   \
		db_array_end(&q);                                              \
	} while (0)

static int
store_aliases(
    struct work *w, const struct model *m, int32_t version, struct err *e)
{
	size_t n;
	const struct model_alias *a = model_aliases(m, &n);
	struct db_params q;

	if (n == 0)
		return 0;
	db_params_init(&q);
	db_put_i32(&q, version);
	COLUMN(DB_TEXT, db_put_text(&q, a[i].a));
	COLUMN(DB_TEXT, db_put_text(&q, a[i].b));
	COLUMN(DB_TEXT, db_put_text(&q, a[i].kind));
	COLUMN(DB_FLOAT8, db_put_f64(&q, a[i].weight));
	return db_work_do(w->db, put_aliases, &q, e);
}

static int
store_sources(
    struct work *w, const struct model *m, int32_t version, struct err *e)
{
	size_t n;
	const struct model_source *s = model_sources(m, &n);
	struct db_params q;

	if (n == 0)
		return 0;
	db_params_init(&q);
	db_put_i32(&q, version);
	COLUMN(DB_INT4, db_put_i32(&q, s[i].source_id));
	COLUMN(DB_FLOAT8, db_put_f64(&q, s[i].mean));
	COLUMN(DB_INT4, db_put_i32(&q, (int32_t)s[i].seen));
	COLUMN(DB_BOOL, db_put_bool(&q, s[i].curated));
	COLUMN(DB_BOOL, db_put_bool(&q, s[i].given));
	return db_work_do(w->db, put_sources, &q, e);
}
#undef COLUMN

/* What the configuration says of the sources that are there. */
static int
give_sources(struct work *w, struct model *m, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < w->source_count; i++) {
		struct model_source s = {
		    .source_id = w->sources[i].id, .mean = NAN, .given = true};

		if (work_given(w, w->sources[i].name, &s.curated))
			rc = model_load_source(m, &s, e);
	}
	return rc;
}

int
version_store(struct work *w, struct model *m, const char *state,
    const char *note, int32_t *version, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	if (give_sources(w, m, e) < 0)
		return -1;
	db_params_init(&q);
	db_put_i64(&q, (int64_t)model_records(m));
	db_put_text(&q, version_parameters());
	db_put_text(&q, note);
	r = db_work(w->db, new_version, &q, e);
	if (r == NULL)
		return -1;
	*version = db_i32(r, 0, 0);
	db_result_free(r);
	db_params_init(&q);
	db_put_i32(&q, *version);
	db_put_text(&q, state);
	if (db_work_do(w->db, drop_others, &q, e) < 0 ||
	    store_parts(w, m, *version, e) < 0 ||
	    store_aliases(w, m, *version, e) < 0 ||
	    store_sources(w, m, *version, e) < 0)
		return -1;
	db_params_init(&q);
	db_put_i32(&q, *version);
	db_put_text(&q, state);
	if (db_work_do(w->db, set_state, &q, e) < 0)
		return -1;
	model_set_version(m, *version);
	return 0;
}

int
version_apply(struct work *w, int32_t version, struct err *e)
{
	struct db_params q;

	if (db_work_do(w->db, retire, NULL, e) < 0)
		return -1;
	db_params_init(&q);
	db_put_i32(&q, version);
	if (db_work_do(w->db, make_current, &q, e) < 0 ||
	    db_work_do(w->db, drop_proposed, NULL, e) < 0)
		return -1;
	return db_work_do(w->db, drop_parts, NULL, e);
}

/* --- whether it still fits --- */
const char *
version_given_differs(struct work *w, const struct model_source *s, size_t n)
{
	struct err ignored;

	if (w->source_count == 0)
		work_source(w, 0, &ignored); /* none has it: reads all */
	for (size_t i = 0; i < w->source_count; i++) {
		bool is_curated, given, was = false, found = false;

		given = work_given(w, w->sources[i].name, &is_curated);
		for (size_t k = 0; k < n; k++) {
			if (s[k].source_id == w->sources[i].id && s[k].given) {
				was = s[k].curated;
				found = true;
			}
		}
		if (given != found || (given && is_curated != was))
			return w->sources[i].name;
	}
	return NULL;
}

int
version_check(struct work *w, bool exactly, enum version_fit *fit, char *why,
    size_t size, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	uint64_t was, now;
	size_t n;

	*why = '\0';
	db_params_init(&q);
	db_put_i32(&q, w->version);
	db_put_bool(&q, exactly);
	r = db_work(w->db, get_model, &q, e);
	if (r == NULL)
		return -1;
	was = (uint64_t)db_i64(r, 0, 0);
	now = (uint64_t)db_i64(r, 0, 2);
	*fit = now >= 2 * was			      ? VERSION_DOUBLED
	       : 4 * now >= 5 * was || 2 * now <= was ? VERSION_BEYOND
						      : VERSION_FITS;
	if (*fit != VERSION_FITS) {
		snprintf(why, size,
		    "%" PRIu64 " records, learned from %" PRIu64, now, was);
	} else if (UNREAD_SHARE * w->unread >= was && w->unread > 0) {
		*fit = VERSION_BEYOND;
		snprintf(why, size,
		    "%" PRIu64 " records have nothing but what has become "
		    "common",
		    w->unread);
	} else {
		const struct model_source *s = model_sources(w->model, &n);
		const char *differs = version_given_differs(w, s, n);

		if (differs != NULL) {
			*fit = VERSION_GIVEN;
			snprintf(why, size,
			    "the configuration says something else of %s",
			    differs);
		}
	}
	if (*fit == VERSION_FITS &&
	    strcmp(db_text(r, 0, 1), version_parameters()) != 0) {
		*fit = VERSION_PARAMETERS;
		snprintf(why, size, "other parameters than this program's");
	}
	db_result_free(r);
	return 0;
}

int
version_tell(struct work *w, const char *why, struct err *e)
{
	struct db_params q;

	db_params_init(&q);
	db_put_text(&q, why);
	return db_work_do(w->db, set_unfit, &q, e);
}
