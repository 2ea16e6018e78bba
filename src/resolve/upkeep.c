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

/* In the lists of the indexes of search, which every search reads, SETTLE_AT
 * entries wait until they are put in place; while PENDING_MOST wait, no more
 * are indexed. */
enum {
	COUNTED_AT_ONCE = 1000,
	INDEXED_AT_ONCE = 1000,
	SETTLE_AT = 2000,
	PENDING_MOST = 4000,
	ASIDE_MS = 5000,
	INDEX_ASIDE_S = 60 * 60,
	INDEX_ASIDE_MOST = 8 /* in a row: more are no single entry's fault */
};

static const char index_even[] = "select sheaf.index_some($1::integer, 0)";
static const char index_odd[] = "select sheaf.index_some($1::integer, 1)";
static const char even_aside[] = "select sheaf.index_aside(0, $1::integer)";
static const char odd_aside[] = "select sheaf.index_aside(1, $1::integer)";
static const char count_some[] = "select sheaf.count_some($1::integer)";
static const char settle_some[] = "select sheaf.settle_some($1::integer)";

/* A function of the database, which works over a connection of its own while
 * entries are composed.  Those that index wait for nothing but their own lane,
 * so two cores are used where little else is done. */
enum { INDEX_EVEN, INDEX_ODD, SETTLE, COUNT, PIECES, AGAIN = 3 };
_Static_assert(INDEX_EVEN == 0 && INDEX_ODD == WORK_LANES - 1, "lanes");
struct piece {
	const char *sql, *failed;
	const char *aside; /* puts one aside that fails alone; or NULL */
	int32_t most, full; /* what it is called with: less after it failed */
	struct db_work *db; /* opened at its first use; or NULL */
	bool is_sent;
	uint64_t sent_at, idle_at; /* as in struct upkeep: when it was sent
				      last; when nothing waited for it */
	unsigned retries; /* in a row: somebody wrote what it read */
};

struct upkeep {
	struct work *work;
	struct composer *composer;
	struct piece pieces[PIECES];
	uint64_t at; /* counts what was done: whoever said that nothing waits
			before something was done is asked again */
	int64_t pending; /* entries that were indexed and not put in place,
			    as far as is known here */
	int64_t last_ms; /* when it did something last */
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
	u->at = 1;
	u->pieces[INDEX_EVEN] = (struct piece){.sql = index_even,
	    .failed = "entries cannot be made findable",
	    .most = INDEXED_AT_ONCE};
	u->pieces[INDEX_EVEN].aside = even_aside;
	u->pieces[INDEX_ODD] = u->pieces[INDEX_EVEN];
	u->pieces[INDEX_ODD].sql = index_odd;
	u->pieces[INDEX_ODD].aside = odd_aside;
	u->pieces[SETTLE] = (struct piece){.sql = settle_some,
	    .failed = "what is findable cannot be put in place",
	    .most = SETTLE_AT};
	u->pieces[COUNT] = (struct piece){.sql = count_some,
	    .failed = "the matrix cannot be counted",
	    .most = COUNTED_AT_ONCE};
	for (size_t i = 0; i < PIECES; i++)
		u->pieces[i].full = u->pieces[i].most;
	u->last_ms = date_monotonic_ms();
	return u;
}

void
upkeep_free(struct upkeep *u)
{
	if (u == NULL)
		return;
	composer_free(u->composer);
	for (size_t i = 0; i < PIECES; i++)
		db_work_close(u->pieces[i].db);
	free(u);
}

/* --- pieces --- */
/* It has another connection the next time. */
static int
lose(struct piece *p, struct err *e)
{
	if (e->class != ERR_CANCEL) {
		db_work_close(p->db);
		p->db = NULL;
	}
	return err_prefix(e, "%s", p->failed);
}

static int
send_piece(struct upkeep *u, struct piece *p, struct err *e)
{
	struct db_params q;

	if (p->db == NULL)
		p->db = work_connect(u->work, e);
	if (p->db == NULL)
		return err_prefix(e, "%s", p->failed);
	db_params_init(&q);
	db_put_i32(&q, p->most);
	if (db_work_send(p->db, p->sql, &q, e) < 0)
		return lose(p, e);
	p->is_sent = true;
	p->sent_at = u->at;
	return 0;
}

static bool
is_index(const struct piece *p)
{
	return p->aside != NULL;
}

static void
done_piece(struct upkeep *u, struct piece *p, struct db_result *r)
{
	int32_t n = db_i32(r, 0, 0);

	if (is_index(p))
		u->pending += n;
	else if (p == &u->pieces[SETTLE])
		u->pending = n > 0 && n < u->pending ? u->pending - n : 0;
	if (n > 0)
		u->at++;
	else
		p->idle_at = p->sent_at;
	if (is_index(p) && n > 0) {
		p->most = p->most < p->full / 2 ? 2 * p->most : p->full;
		u->work->unindexed_in_a_row[p - u->pieces] = 0;
	}
	db_result_free(r);
}

/* The first one that waits, by itself.  why: what was said of it.  -1: of too
 * many in a row; or with why of what is done here. */
static int
put_aside(
    struct upkeep *u, struct piece *p, struct db_work *db, struct err *why)
{
	struct err e = {0};
	struct db_params q;
	struct db_result *r;
	char when[32];

	db_params_init(&q);
	db_put_i32(&q, INDEX_ASIDE_S);
	r = db_work(db, p->aside, &q, &e);
	if (r == NULL) {
		*why = e;
		return -1;
	}
	str_duration(when, sizeof(when), (int64_t)INDEX_ASIDE_S * 1000);
	log_error(NULL,
	    "entry %s cannot be made findable: %s; search does not see how it "
	    "is now, the others go on, and it is tried again in %s, at the "
	    "next start, or when it changes",
	    db_text(r, 0, 0), why->text, when);
	db_result_free(r);
	return ++u->work->unindexed_in_a_row[p - u->pieces] > INDEX_ASIDE_MOST
		   ? -1
		   : 0;
}

/* What failed for what it was given is done with less, to find out which entry
 * it was.  -1: that is no help. */
static int
do_less(struct upkeep *u, struct piece *p, struct db_work *db, struct err *e)
{
	if (!is_index(p) || e->class == ERR_CANCEL ||
	    db_work_class(db) != DB_PERMANENT)
		return -1;
	db_work_forget(db);
	if (p->most == 1 && put_aside(u, p, db, e) < 0)
		return -1;
	p->most = p->most > 1 ? p->most / 2 : 1;
	memset(e, 0, sizeof(*e));
	return 0;
}

/* It may have something to do, and there is place for it. */
static bool
has_turn(const struct upkeep *u, const struct piece *p)
{
	return p->idle_at != u->at &&
	       (!is_index(p) || u->pending < PENDING_MOST);
}

static int
take_piece(struct upkeep *u, struct piece *p, struct err *e)
{
	struct db_result *r = db_work_take(p->db, e);

	p->is_sent = false;
	if (r != NULL) {
		done_piece(u, p, r);
		p->retries = 0;
		return 0;
	}
	if (db_work_class(p->db) == DB_RETRY && p->retries++ < AGAIN) {
		db_work_forget(p->db);
		memset(e, 0, sizeof(*e));
		return 0;
	}
	return do_less(u, p, p->db, e) < 0 ? lose(p, e) : 0;
}

/* Waited for, over the connection of what else is done: where little is to do
 * no other is opened. */
static int
do_piece(struct upkeep *u, struct piece *p, int32_t most, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	db_put_i32(&q, most);
	p->sent_at = u->at;
	r = db_work(u->work->db, p->sql, &q, e);
	if (r != NULL)
		done_piece(u, p, r);
	else if (do_less(u, p, u->work->db, e) < 0)
		return err_prefix(e, "%s", p->failed);
	return 0;
}

/* Takes what is ready, and sends the next.  may_wait: where there is no
 * connection for it yet it is done here. */
static int
step_piece(struct upkeep *u, struct piece *p, bool may_wait, struct err *e)
{
	if (p->is_sent && db_work_is_ready(p->db) && take_piece(u, p, e) < 0)
		return -1;
	if (p->is_sent || !has_turn(u, p))
		return 0;
	return p->db == NULL && may_wait ? do_piece(u, p, p->most, e)
					 : send_piece(u, p, e);
}

/* All of them, though one fails. */
static int
go_on(struct upkeep *u, bool may_wait, struct err *e)
{
	struct err other = {0};
	int rc = 0;

	for (size_t i = 0; i < PIECES; i++) {
		struct err *to = rc < 0 ? &other : e;

		if (step_piece(u, &u->pieces[i], may_wait, to) < 0)
			rc = -1;
	}
	return rc;
}

/* Those that were sent: how many. */
static size_t
sent_pieces(struct upkeep *u, struct db_work *sent[PIECES])
{
	size_t n = 0;

	for (size_t i = 0; i < PIECES; i++) {
		if (u->pieces[i].is_sent)
			sent[n++] = u->pieces[i].db;
	}
	return n;
}

static bool
is_idle(const struct upkeep *u)
{
	for (size_t i = 0; i < PIECES; i++) {
		if (u->pieces[i].is_sent || u->pieces[i].idle_at != u->at)
			return false;
	}
	return true;
}

/* Until one of them did something: 1; 0: nothing waits. */
static int
all_pieces(struct upkeep *u, struct err *e)
{
	struct db_work *sent[PIECES];
	uint64_t at = u->at;

	while (!is_idle(u)) {
		size_t n = sent_pieces(u, sent);

		if (n > 0 && db_work_wait(sent, n, e) < 0)
			return -1;
		if (go_on(u, true, e) < 0)
			return -1;
		if (u->at != at)
			return 1;
	}
	/* What the lists of the indexes have is the last to be done. */
	if (do_piece(u, &u->pieces[SETTLE], 1, e) < 0)
		return -1;
	if (u->at != at)
		return 1;
	u->at++; /* who asks later asks all */
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
			go_on(u, false, &ignored); /* do not wait for it */
		return err_prefix(e, "entries cannot be composed");
	}
	if (more > 0) {
		u->at++;
		if (go_on(u, false, e) < 0)
			return -1;
	} else if ((more = all_pieces(u, e)) < 0) {
		return -1;
	}
	u->failures = 0;
	if (more > 0)
		return 1;
	log_done(u);
	return 0;
}

/* What was sent goes on by itself. */
static int
carry_on(struct upkeep *u, struct err *e)
{
	struct db_work *sent[PIECES];

	if (u->failures > 0 || sent_pieces(u, sent) == 0)
		return 0;
	if (go_on(u, false, e) == 0)
		return 0;
	u->failures++;
	u->last_ms = date_monotonic_ms();
	return -1;
}

int
upkeep_aside(struct upkeep *u, struct err *e)
{
	unsigned times = u->failures < 7 ? u->failures : 7;
	bool is_due = date_monotonic_ms() - u->last_ms >= (int64_t)ASIDE_MS
							      << times;
	char when[32];

	if ((is_due ? upkeep_step(u, e) : carry_on(u, e)) >= 0)
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
