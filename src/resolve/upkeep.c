/* Entries kept up to date; see resolve/upkeep.h. */
#include "resolve/upkeep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/log.h"
#include "base/str.h"
#include "resolve/compose_run.h"

/* TURN_MS: while entries wait to be composed, the pieces of the others are done
 * so often. */
enum { ENTRIES_AT_ONCE = 1000, TURN_MS = 8000, ASIDE_MS = 5000 };

static const char index_some[] = "select sheaf.index_some($1::integer)";
static const char count_some[] = "select sheaf.count_some($1::integer)";
static const struct {
	const char *sql, *failed;
} pieces[] = {
    {index_some, "entries cannot be made findable"},
    {count_some, "the matrix cannot be counted"},
};

struct upkeep {
	struct work *work;
	struct composer *composer;
	int64_t last_ms; /* when it did something last */
	int64_t pieces_ms; /* when all pieces were done last */
	unsigned failures; /* in a row */
	/* for the log */
	uint64_t looked_at, changed;
	int64_t began_ms; /* 0: nothing was done since it was idle */
};

struct upkeep *
upkeep_new(struct work *w)
{
	struct upkeep *u = xcalloc(1, sizeof(*u));

	u->work = w;
	u->composer = composer_new(w);
	u->last_ms = u->pieces_ms = date_monotonic_ms();
	return u;
}

void
upkeep_free(struct upkeep *u)
{
	if (u == NULL)
		return;
	composer_free(u->composer);
	free(u);
}

static int
piece(struct work *w, size_t i, uint64_t *done, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	db_put_i32(&q, ENTRIES_AT_ONCE);
	r = db_work(w->db, pieces[i].sql, &q, e);
	if (r == NULL)
		return err_prefix(e, "%s", pieces[i].failed);
	*done += (uint64_t)db_i32(r, 0, 0);
	db_result_free(r);
	return 0;
}

static int
all_pieces(struct upkeep *u, uint64_t *done, struct err *e)
{
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		if (piece(u->work, i, done, e) < 0)
			return -1;
	}
	return 0;
}

static void
log_done(struct upkeep *u)
{
	char when[32];

	if (u->changed > 0) {
		str_duration(
		    when, sizeof(when), date_monotonic_ms() - u->began_ms);
		log_info(NULL,
		    "composed %" PRIu64 " entries in %s, of which %" PRIu64
		    " say something else than before",
		    u->looked_at, when, u->changed);
	}
	u->began_ms = 0;
	u->looked_at = u->changed = 0;
}

int
upkeep_step(struct upkeep *u, struct err *e)
{
	uint64_t done = 0;
	struct err ignored;
	int64_t now = date_monotonic_ms();
	int more;

	u->last_ms = now;
	u->failures++; /* until it went well */
	if (u->began_ms == 0)
		u->began_ms = now;
	more = composer_step(u->composer, &u->looked_at, &u->changed, e);
	if (more < 0) {
		if (e->class != ERR_CANCEL &&
		    db_work_class(u->work->db) != DB_RECONNECT)
			all_pieces(u, &done, &ignored); /* do not wait for it */
		return err_prefix(e, "entries cannot be composed");
	}
	if (more > 0 && now - u->pieces_ms < TURN_MS) {
		u->failures = 0;
		return 1;
	}
	if (all_pieces(u, &done, e) < 0)
		return -1;
	u->pieces_ms = date_monotonic_ms();
	u->failures = 0;
	if (more > 0 || done > 0)
		return 1;
	log_done(u);
	return 0;
}

int
upkeep_aside(struct upkeep *u, struct err *e)
{
	unsigned times = u->failures < 7 ? u->failures : 7;
	char when[32];

	if (date_monotonic_ms() - u->last_ms < (int64_t)ASIDE_MS << times)
		return 0;
	if (upkeep_step(u, e) >= 0)
		return 0;
	/* What takes long would begin anew each time. */
	if (e->class == ERR_CANCEL ||
	    db_work_class(u->work->db) == DB_RECONNECT)
		return -1;
	times = u->failures < 7 ? u->failures : 7;
	str_duration(when, sizeof(when), (int64_t)ASIDE_MS << times);
	log_error(NULL,
	    "%s; what else there is to do goes on, tries again in %s", e->text,
	    when);
	db_work_forget(u->work->db);
	memset(e, 0, sizeof(*e));
	return 0;
}
