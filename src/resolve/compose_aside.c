/*
 * Entries that cannot be composed wait in the queue with a time that is to
 * come: one of them must not block the others, and none is lost.
 */
#include <inttypes.h>

#include "base/log.h"
#include "base/str.h"
#include "resolve/compose_batch.h"

enum { COMPOSE_ASIDE_S = 60 * 60 };

static const char put_row[] =
    "with old as (delete from sheaf.uncomposed u "
    "where u.at > clock_timestamp() and u.entry_ids = array[$1::uuid]) "
    "insert into sheaf.uncomposed (entry_ids, at) values (array[$1::uuid], "
    "clock_timestamp() + make_interval(secs => $2::integer)) "
    "returning entry_ids[1]::text";
/* One of its records, so that an operator knows whom to ask. */
static const char get_record[] =
    "select s.name, r.identifier from sheaf.member m "
    "join sheaf.record r on r.record_id = m.record_id "
    "join sheaf.source s on s.source_id = r.source_id "
    "where m.entry_id = $1::uuid order by m.active desc, m.record_id limit 1";
static const char wake[] =
    "with i as (update sheaf.unindexed set at = '-infinity' where at > now()) "
    "update sheaf.uncomposed set at = clock_timestamp() "
    "where at > clock_timestamp()";
static const char tell[] =
    "update sheaf.resolving r set said = x.said, said_at = clock_timestamp() "
    "from (select case when count(*) = 0 then '' else format("
    "'%s entries cannot be composed and are tried again later: see the log', "
    "sum(u.entry_count)) end as said from sheaf.uncomposed u "
    "where u.at > clock_timestamp()) x where r.said <> x.said";

static void
log_aside(const struct err *why, const char *id, const char *source,
    const char *record)
{
	char when[32];

	str_duration(when, sizeof(when), (int64_t)COMPOSE_ASIDE_S * 1000);
	log_error(source,
	    "entry %s, of %s, cannot be composed: %s; it stays as portals see "
	    "it now, the others go on, and it is tried again in %s, at the "
	    "next start, or when a record of it changes",
	    id, record, why->text, when);
}

int
compose_aside(struct compose_batch *b, const struct err *why, struct err *e)
{
	struct db_result *row, *record;
	struct db_params q;
	bool any;

	b->looked_at = 1;
	if (compose_done(b, e) < 0)
		return -1;
	db_params_init(&q);
	db_put_uuid(&q, b->entries[0].id);
	record = db_work(b->work->db, get_record, &q, e);
	if (record == NULL)
		return -1;
	db_params_init(&q);
	db_put_uuid(&q, b->entries[0].id);
	db_put_i32(&q, COMPOSE_ASIDE_S);
	row = db_work(b->work->db, put_row, &q, e);
	if (row != NULL) {
		any = db_rows(record) > 0;
		log_aside(why, db_text(row, 0, 0),
		    any ? db_text(record, 0, 0) : NULL,
		    any ? db_text(record, 0, 1) : "no record");
	}
	db_result_free(record);
	db_result_free(row);
	return row != NULL ? compose_tell_aside(b->work, e) : -1;
}

int
compose_wake(struct work *w, struct err *e)
{
	return db_work_do(w->db, wake, NULL, e);
}

int
compose_tell_aside(struct work *w, struct err *e)
{
	return db_work_do(w->db, tell, NULL, e);
}
