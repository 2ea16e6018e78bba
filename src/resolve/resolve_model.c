/*
 * The role: whether the model still fits, and versions that wait for an
 * operator; see resolve/resolve_priv.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/log.h"
#include "base/str.h"
#include "resolve/resolve_priv.h"

enum { PROPOSE_AGAIN_MS = 10 * 60 * 1000 };

/* By itself it learns again where there are twice the records, and for --once,
 * which judges by tables of what it has harvested. */
static bool
learns_itself(const struct resolve *r, bool strict)
{
	return r->fit == VERSION_DOUBLED ||
	       (strict &&
		   (r->fit == VERSION_BEYOND || r->fit == VERSION_GIVEN));
}

/* What has changed though the records have not is proposed. */
static int
find_due(struct resolve *r, struct err *e)
{
	bool is_there = false;

	r->is_due = r->fit == VERSION_GIVEN || r->fit == VERSION_PARAMETERS;
	if (r->is_due && propose_is_there(&r->work, &is_there, e) < 0)
		return -1;
	r->is_due &= !is_there;
	return 0;
}

/* A change adds keys, and takes none away. */
static int
check_keys(struct resolve *r, struct err *e)
{
	bool outgrown;
	int rc;

	if (keys_outgrown(&r->work, &outgrown, e) < 0)
		return -1;
	rc = outgrown ? keys_renew(&r->work, e) : 0;
	r->has_keys = r->has_keys && rc == 0;
	return rc;
}

int
resolve_check(struct resolve *r, bool strict, struct err *e)
{
	struct work *w = &r->work;
	char why[sizeof(r->unfit)];

	r->batched = 0;
	r->is_strict = strict;
	if (version_check(w, r->has_batched, &r->fit, why, sizeof(why), e) < 0)
		return -1;
	if (!r->is_checked || strcmp(why, r->unfit) != 0) {
		if (version_tell(w, why, e) < 0)
			return -1;
		str_copy(r->unfit, sizeof(r->unfit), why);
		r->is_checked = true;
		if (find_due(r, e) < 0)
			return -1;
	}
	if (!learns_itself(r, strict))
		return check_keys(r, e);
	str_copy(r->note, sizeof(r->note), why);
	resolve_log_batches(r);
	propose_free(r->propose); /* what is asked for is begun anew */
	r->propose = NULL;
	r->is_due = r->is_checked = false;
	w->state.phase = PHASE_LEARN;
	return work_save(w, e) < 0 ? -1 : 1;
}

/* --- what operators ask --- */
static void
end_proposal(struct resolve *r)
{
	const struct weighing *x = propose_result(r->propose);
	char when[32];

	str_duration(when, sizeof(when), date_monotonic_ms() - r->proposed_ms);
	log_info(NULL,
	    "model %" PRId32 " is proposed after %s: %" PRIu64
	    " entries would go into others, %" PRIu64
	    " would be split; sheafctl resolve shows them, and applies it",
	    x->version, when, x->count[WEIGH_MERGE], x->count[WEIGH_SPLIT]);
	propose_free(r->propose);
	r->propose = NULL;
	r->is_due = false;
}

/* The records go on being resolved by the model that there is. */
static int
give_up(struct resolve *r, struct err *e)
{
	if (e->class == ERR_CANCEL)
		return -1;
	log_error(NULL,
	    "%s; the model that was to be proposed is given up, and begun anew "
	    "in 10 min; records are resolved as before",
	    e->text);
	propose_free(r->propose);
	r->propose = NULL;
	r->propose_after_ms = date_monotonic_ms() + PROPOSE_AGAIN_MS;
	memset(e, 0, sizeof(*e));
	return 0;
}

static int
begin_proposal(
    struct resolve *r, const char *note, const struct ask *ask, struct err *e)
{
	int64_t now = date_monotonic_ms();

	if (now < r->propose_after_ms)
		return 0;
	r->proposed_ms = now;
	r->propose = propose_new(&r->work, note, ask, e);
	return r->propose != NULL ? 1 : give_up(r, e);
}

/* The one that is learned or weighed meanwhile is of what was before. */
static int
apply(struct resolve *r, const struct ask *a, struct err *e)
{
	int rc = ask_apply(&r->work, a, e);

	if (rc < 0)
		return -1;
	if (rc == 0) {
		log_warn(NULL,
		    "model %" PRId32 ", which %s wants applied, is not "
		    "proposed any more: sheafctl resolve shows what is",
		    a->version, a->author);
	} else {
		log_info(
		    NULL, "%s applies model %" PRId32, a->author, a->version);
		propose_free(r->propose);
		r->propose = NULL;
		r->is_due = false;
	}
	r->is_checked = false;
	return 1;
}

/* What can be applied does not wait for what may take hours. */
static int
look(struct resolve *r, struct err *e)
{
	int64_t now = date_monotonic_ms();
	struct ask a;
	char note[128];

	if (now - r->looked_ms < RESOLVE_POLL_MS)
		return 0;
	r->looked_ms = now;
	if (ask_next(&r->work, &a, e) < 0)
		return -1;
	if (a.id == 0)
		return 0;
	if (a.is_apply)
		return apply(r, &a, e);
	if (r->propose != NULL)
		return 0;
	snprintf(note, sizeof(note), "%s asked", a.author);
	return begin_proposal(r, note, &a, e);
}

int
resolve_step_asks(struct resolve *r, struct err *e)
{
	int rc = look(r, e);

	r->asked_ms = date_monotonic_ms();
	if (rc != 0)
		return rc;
	if (r->propose == NULL)
		return r->is_due ? begin_proposal(r, r->unfit, NULL, e) : 0;
	resolve_tell_busy(r, propose_words(r->propose));
	rc = propose_step(r->propose, e);
	if (rc < 0)
		return give_up(r, e);
	if (rc > 0)
		end_proposal(r);
	return 1;
}
