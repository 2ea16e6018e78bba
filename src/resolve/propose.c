/* A version that is proposed; see resolve/propose.h. */
#include "resolve/propose.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/str.h"
#include "resolve/bulk.h"
#include "resolve/learn_run.h"
#include "resolve/version.h"

static const char drop_pairs[] = "truncate sheaf.proposed_match";
static const char drop_older[] =
    "delete from sheaf.model where state = 'proposed' "
    "and version < $1::integer";
static const char set_weighed[] =
    "update sheaf.model set weighed_at = clock_timestamp(), "
    "merges = $2::bigint, splits = $3::bigint, moved = $4::bigint "
    "where version = $1::integer and state = 'proposed' returning version";
static const char get_proposal[] =
    "select s.source_id, s.curated from sheaf.model m "
    "left join sheaf.model_source s on s.version = m.version and s.given "
    "where m.state = 'proposed' and m.weighed_at is not null "
    "and m.parameters = $1::text";

struct propose {
	struct work work;
	struct weighing weighing;
	struct learn_run *learn;
	struct bulk *bulk;
	struct ask ask; /* id 0: none */
	char note[128];
	char words[96];
};

struct propose *
propose_new(const struct work *of, const char *note, const struct ask *ask,
    struct err *e)
{
	struct propose *p = xcalloc(1, sizeof(*p));
	struct work *w = &p->work;

	if (ask != NULL)
		p->ask = *ask;
	w->connection = of->connection;
	w->user = of->user;
	w->password = of->password;
	w->watch = of->watch;
	w->given = of->given;
	w->given_count = of->given_count;
	str_copy(p->note, sizeof(p->note), note);
	w->db = work_connect(w, e);
	if (w->db != NULL && work_empty(w, drop_pairs, e) == 0)
		p->learn = learn_run_new(w, e);
	if (p->learn == NULL) {
		propose_free(p);
		return NULL;
	}
	return p;
}

void
propose_free(struct propose *p)
{
	if (p == NULL)
		return;
	learn_run_free(p->learn);
	bulk_free(p->bulk);
	p->work.given = NULL; /* is another's */
	p->work.given_count = 0;
	work_release(&p->work);
	free(p);
}

/* The tables of what was learned; the next steps weigh it. */
static int
store(struct propose *p, struct err *e)
{
	struct work *w = &p->work;

	w->model = learn_run_take(p->learn);
	learn_run_free(p->learn);
	p->learn = NULL;
	if (work_begin(w, e) < 0)
		return -1;
	if (version_store(w, w->model, "proposed", p->note, &w->version, e) <
	    0) {
		work_rollback(w);
		return -1;
	}
	if (work_commit(w, e) < 0)
		return -1;
	p->weighing.version = w->version;
	w->weighing = &p->weighing;
	w->state.phase = PHASE_PAIRS;
	w->state.position = 0;
	p->bulk = bulk_new(w);
	return 0;
}

static int
set_result(struct propose *p, struct err *e)
{
	const struct weighing *x = &p->weighing;
	struct db_params q;
	struct db_result *r;
	int rows;

	db_params_init(&q);
	db_put_i32(&q, x->version);
	db_put_i64(&q, (int64_t)x->count[WEIGH_MERGE]);
	db_put_i64(&q, (int64_t)x->count[WEIGH_SPLIT]);
	db_put_i64(&q, (int64_t)x->moved);
	r = db_work(p->work.db, set_weighed, &q, e);
	if (r == NULL)
		return -1;
	rows = db_rows(r);
	db_result_free(r);
	if (rows == 0)
		return err_set(e, ERR_DB, 0,
		    "model %d, which was weighed, is not there any more",
		    x->version);
	db_params_init(&q);
	db_put_i32(&q, x->version);
	return db_work_do(p->work.db, drop_older, &q, e);
}

/* It takes the place of the one before, and what was asked for is done. */
static int
finish(struct propose *p, struct err *e)
{
	struct work *w = &p->work;
	struct err ignored;

	/* Else the next one does it. */
	if (work_empty(w, drop_pairs, &ignored) < 0)
		log_debug(
		    NULL, "pairs that were weighed stay: %s", ignored.text);
	if (work_begin(w, e) < 0)
		return -1;
	if (set_result(p, e) < 0 ||
	    (p->ask.id != 0 && ask_done(w, &p->ask, e) < 0)) {
		work_rollback(w);
		return -1;
	}
	return work_commit(w, e) < 0 ? -1 : 1;
}

int
propose_step(struct propose *p, struct err *e)
{
	int rc;

	if (p->learn != NULL) {
		rc = learn_run_step(p->learn, e);
		return rc > 0 ? store(p, e) : rc;
	}
	rc = bulk_step(p->bulk, e);
	return rc > 0 ? finish(p, e) : rc;
}

const char *
propose_words(struct propose *p)
{
	if (p->learn != NULL)
		return "learns a model to be proposed";
	snprintf(p->words, sizeof(p->words), "weighs model %d: %s",
	    p->work.version,
	    p->work.state.phase == PHASE_PAIRS ? "compares all records"
					       : "forms all entries");
	return p->words;
}

const struct weighing *
propose_result(const struct propose *p)
{
	return &p->weighing;
}

int
propose_is_there(struct work *w, bool *is_there, struct err *e)
{
	struct model_source *given;
	struct db_params q;
	struct db_result *r;
	size_t n = 0;

	db_params_init(&q);
	db_put_text(&q, version_parameters());
	r = db_work(w->db, get_proposal, &q, e);
	if (r == NULL)
		return -1;
	given = xcalloc((size_t)db_rows(r) + 1, sizeof(*given));
	for (int i = 0; i < db_rows(r); i++) {
		if (!db_is_null(r, i, 0))
			given[n++] =
			    (struct model_source){.source_id = db_i32(r, i, 0),
				.curated = db_bool(r, i, 1),
				.given = true};
	}
	*is_there =
	    db_rows(r) > 0 && version_given_differs(w, given, n) == NULL;
	free(given);
	db_result_free(r);
	return 0;
}
