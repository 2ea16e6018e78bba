/* What differs is written, with its changes; see resolve/compose_run.h. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "resolve/compose_batch.h"
#include "resolve/compose_put.h"

static const char get_numbers[] =
    "select nextval(pg_get_serial_sequence('sheaf.composed', 'entry_no')) "
    "from generate_series(1, $1::integer)";
static const char change_begin[] = "select sheaf.change_begin()";
static const char history_keep[] =
    "select sheaf.history_keep($1::bigint[], $2::timestamptz)";
static const char change_write[] =
    "select sheaf.change_write($1::uuid[], $2::text[], $3::text[], "
    "$4::timestamptz)";
static const char composed_changed[] =
    "select sheaf.composed_changed($1::bigint[])";
static const char drop_entries[] =
    "with a as (delete from sheaf.entry_title x "
    "where x.entry_no = any($1::bigint[])), "
    "b as (delete from sheaf.entry_abstract x "
    "where x.entry_no = any($1::bigint[])), "
    "c as (delete from sheaf.entry_agent x "
    "where x.entry_no = any($1::bigint[])), "
    "d as (delete from sheaf.entry_identifier x "
    "where x.entry_no = any($1::bigint[])), "
    "e as (delete from sheaf.entry_link x "
    "where x.entry_no = any($1::bigint[])), "
    "f as (delete from sheaf.entry_subject x "
    "where x.entry_no = any($1::bigint[])), "
    "g as (delete from sheaf.entry_code x "
    "where x.entry_no = any($1::bigint[])), "
    "h as (delete from sheaf.entry_date x "
    "where x.entry_no = any($1::bigint[])), "
    "i as (delete from sheaf.entry_rights x "
    "where x.entry_no = any($1::bigint[])), "
    "j as (delete from sheaf.entry_relation x "
    "where x.entry_no = any($1::bigint[])) "
    "delete from sheaf.composed x where x.entry_no = any($1::bigint[])";
/* Where the records of an entry that is no more are now; and where those went
 * that an entry has lost since it was composed. */
static const char get_successors[] =
    "select u.n::integer, array_agg(s.entry_id order by s.entry_id)::text "
    "from unnest($1::uuid[], $2::integer[]) as u (id, n) "
    "cross join lateral sheaf.entry_now(u.id) s "
    "where s.state in ('merged', 'split') group by u.n";
static const char get_lost[] =
    "select u.n::integer, array_agg(f.to_entry order by f.to_entry)::text "
    "from unnest($1::uuid[], $2::integer[]) as u (id, n) "
    "join sheaf.composed c on c.entry_id = u.id "
    "join sheaf.forward f on f.from_entry = u.id "
    "where f.at > c.updated_at group by u.n";
static const char drop_rows[] =
    "delete from sheaf.uncomposed where uncomposed_id = any($1::bigint[])";
static const char put_back[] = "select sheaf.recompose($1::uuid[])";

#define ARRAY(type, condition, put)                                            \
	do {                                                                   \
		db_array_begin(&q, (type));                                    \
		for (size_t i = 0; i < b->looked_at; i++) {                    \
			const struct batch_entry *x = &b->entries[i];          \
			if (condition)                                         \
				put;                                           \
		}                                                              \
		db_array_end(&q);                                              \
	} while (0)

static size_t
how_many(const struct compose_batch *b, bool is_new)
{
	size_t n = 0;

	for (size_t i = 0; i < b->looked_at; i++) {
		const struct batch_entry *x = &b->entries[i];

		n += x->differs && (x->entry_no == 0) == is_new;
	}
	return n;
}

/* --- what became of entries --- */
static int
relate(struct compose_batch *b, const char *sql, bool is_gone, struct err *e)
{
	struct db_params q;
	struct db_result *r;
	bool any = false;
#define CONCERNED                                                              \
	(x->differs && x->entry_no != 0 && (x->composed == NULL) == is_gone)

	for (size_t i = 0; i < b->looked_at; i++) {
		const struct batch_entry *x = &b->entries[i];

		any |= CONCERNED;
	}
	if (!any)
		return 0;
	db_params_init(&q);
	ARRAY(DB_UUID, CONCERNED, db_put_uuid(&q, x->id));
	ARRAY(DB_INT4, CONCERNED, db_put_i32(&q, (int32_t)i));
#undef CONCERNED
	r = db_work(b->work->db, sql, &q, e);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++)
		b->entries[db_i32(r, i, 0)].related =
		    arena_strdup(&b->arena, db_text(r, i, 1));
	db_result_free(r);
	return 0;
}

struct changes {
	size_t *entries;
	const char **ops, **related;
	size_t count;
};

static void
add_change(struct changes *c, size_t entry, const char *op, const char *related)
{
	c->entries[c->count] = entry;
	c->ops[c->count] = op;
	c->related[c->count++] = related;
}

/* What is new comes before what leads to it. */
static void
list_changes(const struct compose_batch *b, struct changes *c)
{
	for (size_t i = 0; i < b->looked_at; i++) {
		const struct batch_entry *x = &b->entries[i];

		if (x->differs && x->composed != NULL && x->related == NULL)
			add_change(c, i, "upsert", NULL);
	}
	for (size_t i = 0; i < b->looked_at; i++) {
		const struct batch_entry *x = &b->entries[i];

		if (!x->differs || x->composed == NULL || x->related == NULL)
			continue;
		add_change(c, i, "split", x->related);
		add_change(c, i, "upsert", NULL);
	}
	for (size_t i = 0; i < b->looked_at; i++) {
		const struct batch_entry *x = &b->entries[i];
		/* What it went into may have been split since. */
		bool is_one = x->related != NULL && !strchr(x->related, ',');
		const char *op = x->related == NULL		      ? "delete"
				 : x->state == STATE_MERGED && is_one ? "merge"
								      : "split";

		if (x->differs && x->composed == NULL)
			add_change(c, i, op, x->related);
	}
}

static int
write_changes(struct compose_batch *b, int64_t at, struct err *e)
{
	struct changes c = {0};
	size_t most = 2 * b->looked_at + 1;
	struct db_params q;

	c.entries = arena_alloc(&b->arena, most * sizeof(*c.entries));
	c.ops = arena_alloc(&b->arena, most * sizeof(*c.ops));
	c.related = arena_alloc(&b->arena, most * sizeof(*c.related));
	list_changes(b, &c);
	db_params_init(&q);
	db_array_begin(&q, DB_UUID);
	for (size_t i = 0; i < c.count; i++)
		db_put_uuid(&q, b->entries[c.entries[i]].id);
	db_array_end(&q);
	db_array_begin(&q, DB_TEXT);
	for (size_t i = 0; i < c.count; i++)
		db_put_text(&q, c.ops[i]);
	db_array_end(&q);
	db_array_begin(&q, DB_TEXT);
	for (size_t i = 0; i < c.count; i++)
		db_put_text(&q, c.related[i]);
	db_array_end(&q);
	db_put_time(&q, at);
	return db_work_do(b->work->db, change_write, &q, e);
}

/* --- writing --- */
static int
begin_change(struct compose_batch *b, int64_t *at, struct err *e)
{
	struct db_result *r = db_work(b->work->db, change_begin, NULL, e);

	if (r == NULL)
		return -1;
	*at = db_time(r, 0, 0);
	db_result_free(r);
	return 0;
}

static int
drop_old(struct compose_batch *b, int64_t at, struct err *e)
{
	struct db_params q;

	if (how_many(b, false) == 0)
		return 0;
	db_params_init(&q);
	ARRAY(DB_INT8, x->differs && x->entry_no != 0,
	    db_put_i64(&q, x->entry_no));
	db_put_time(&q, at);
	if (db_work_do(b->work->db, history_keep, &q, e) < 0)
		return -1;
	db_params_init(&q);
	ARRAY(DB_INT8, x->differs && x->entry_no != 0,
	    db_put_i64(&q, x->entry_no));
	return db_work_do(b->work->db, drop_entries, &q, e);
}

static int
give_numbers(struct compose_batch *b, struct err *e)
{
	size_t n = how_many(b, true);
	struct db_params q;
	struct db_result *r;
	int row = 0;

	if (n == 0)
		return 0;
	db_params_init(&q);
	db_put_i32(&q, (int32_t)n);
	r = db_work(b->work->db, get_numbers, &q, e);
	if (r == NULL)
		return -1;
	for (size_t i = 0; i < b->looked_at; i++) {
		struct batch_entry *x = &b->entries[i];

		if (x->differs && x->entry_no == 0)
			x->entry_no = db_i64(r, row++, 0);
	}
	db_result_free(r);
	return 0;
}

static int
copy_new(struct compose_batch *b, int64_t at, struct err *e)
{
	struct put put;
	int rc;

	put_init(&put);
	for (size_t i = 0; i < b->looked_at; i++) {
		const struct batch_entry *x = &b->entries[i];

		if (x->differs && x->composed != NULL)
			put_entry(&put, x, at);
	}
	rc = put_copy(&put, b->work, e);
	put_release(&put);
	return rc;
}

static int
tell_others(struct compose_batch *b, struct err *e)
{
	struct db_params q;

	db_params_init(&q);
	ARRAY(DB_INT8, x->differs, db_put_i64(&q, x->entry_no));
	return db_work_do(b->work->db, composed_changed, &q, e);
}

int
compose_done(struct compose_batch *b, struct err *e)
{
	struct db_params q;

	db_params_init(&q);
	db_array_begin(&q, DB_INT8);
	for (size_t i = 0; i < b->row_count; i++)
		db_put_i64(&q, b->rows[i]);
	db_array_end(&q);
	if (db_work_do(b->work->db, drop_rows, &q, e) < 0)
		return -1;
	if (b->looked_at == b->entry_count)
		return 0;
	db_params_init(&q);
	db_array_begin(&q, DB_UUID);
	for (size_t i = b->looked_at; i < b->entry_count; i++)
		db_put_uuid(&q, b->entries[i].id);
	db_array_end(&q);
	return db_work_do(b->work->db, put_back, &q, e);
}

int
compose_write(struct compose_batch *b, uint64_t *changed, struct err *e)
{
	int64_t at = DATE_NONE;
	size_t old = how_many(b, false), new = how_many(b, true);

	if (old + new > 0) {
		if (relate(b, get_successors, true, e) < 0 ||
		    relate(b, get_lost, false, e) < 0 ||
		    begin_change(b, &at, e) < 0 || drop_old(b, at, e) < 0 ||
		    give_numbers(b, e) < 0 || copy_new(b, at, e) < 0 ||
		    write_changes(b, at, e) < 0 || tell_others(b, e) < 0)
			return -1;
	}
	*changed += old + new;
	return compose_done(b, e);
}
