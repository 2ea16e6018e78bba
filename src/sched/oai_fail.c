/*
 * A page failed: the same request again after a wait; then the window again
 * from its start; then windows cut finer, from the point of failure on; then
 * identifiers and records one by one; then the list is given up, and the next
 * one gets its turn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/url.h"
#include "sched/oai_priv.h"

/* Failed tries of a whole run: beyond it, no more patience. */
enum {
	FAILED_MAX = 1000,
	GETS_FAILED_IN_A_ROW = 20, /* then: is the server well at all? */
	GETS_FAILED_ALL = 1000, /* and none was any good: GetRecord is not */
};

/* The URL stands in angle brackets (RFC 3986, appendix C), for whatever is
 * said behind it shall not become part of a link. */
void
oai_say(struct oai_run *r, enum err_class class, int code, const char *fmt, ...)
{
	char what[ERR_TEXT_BYTES], window[2 * DATE_TEXT_BYTES + 16] = "";
	const char *set = r->head.phase == OAI_LIST ? oai_set(r, &r->head) : "";
	struct buf url;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what) / 2, fmt, ap);
	va_end(ap);
	if (r->head.phase == OAI_LIST && (r->from[0] || r->until[0]))
		snprintf(window, sizeof(window), ", from %s until %s",
		    r->from[0] ? r->from : "the beginning",
		    r->until[0] ? r->until : "now");
	buf_init(&url, LIMIT_URL_BYTES);
	url_redact(&url, buf_str(&r->url));
	err_set(&r->last_err, class, code,
	    "%s%s%.60s%s: %s; to try by hand: <%s>", oai_verb(&r->head),
	    set[0] ? ", set " : "", set, window, what, buf_str(&url));
	buf_release(&url);
}

enum harvest_verdict
oai_over(struct oai_run *r)
{
	if (!r->over)
		r->err = r->last_err;
	r->over = true;
	return HARVEST_ABORT;
}

enum harvest_verdict
oai_list_fail(struct oai_run *r)
{
	if (oai_cap_failed(r)) {
		oai_list_read(r);
		return HARVEST_ABORT;
	}
	if (r->list_err.class == ERR_NONE)
		r->list_err = r->last_err;
	oai_list_failed(r, true);
	r->head.failed_lists++;
	oai_list_next(r);
	return HARVEST_ABORT;
}

/* From here on by ListIdentifiers and GetRecord. */
static bool
switch_to_identifiers(struct oai_run *r)
{
	if (r->head.identifiers || r->source->verb_mode != VERB_MODE_AUTO)
		return false;
	r->know.identifiers_trial = 1;
	r->head.identifiers = 1;
	r->head.failures = 0;
	oai_window_restart(r);
	return true;
}

enum harvest_verdict
oai_list_trouble(struct oai_run *r, enum oai_fail how)
{
	struct oai_pos *p = &r->head;
	bool first = p->w_pages == 0;
	bool readable = how == FAIL_SERVER || how == FAIL_BODY;

	if (how == FAIL_BUSY || (how == FAIL_NET && first))
		return oai_over(r);
	if (r->resumed) { /* a token of before the crash: owed by nobody */
		oai_window_restart(r);
		return HARVEST_ABORT;
	}
	if (!first && p->failures++ == 0) {
		oai_window_restart(r);
		return HARVEST_ABORT;
	}
	/* When no page of this run was any good, windows seldom help: one try
	 * with them, then the other way of listing. */
	if (readable && first && p->any == 0 && p->unit >= WINDOW_YEAR &&
	    switch_to_identifiers(r))
		return HARVEST_ABORT;
	if (readable && first && p->any == 0 && p->identifiers)
		return oai_over(r);
	if (oai_window_cut(r) == 0)
		return HARVEST_ABORT;
	if (readable && !oai_cap_asked(p) && switch_to_identifiers(r))
		return HARVEST_ABORT;
	err_prefix(&r->last_err,
	    p->unit == WINDOW_NONE ? "this list cannot be cut into windows"
				   : "failed even in windows of one %s",
	    window_name((enum window)p->unit));
	return oai_list_fail(r);
}

void
oai_get_failed(struct oai_run *r)
{
	const char *id = oai_get_id(r);

	seen_add(&r->given_up, hash64(id, strlen(id)));
	r->gets_failed++;
	if (r->list_err.class == ERR_NONE)
		r->list_err = r->last_err;
	oai_get_next(r);
	r->attempt = 0;
	r->wait_ms = 0;
	if (++r->gets_failed_row < GETS_FAILED_IN_A_ROW)
		return;
	if (r->gets_good == 0 && r->gets_failed >= GETS_FAILED_ALL) {
		err_prefix(
		    &r->last_err, "all of %u records failed", r->gets_failed);
		oai_over(r);
		return;
	}
	r->head.phase = OAI_PROBE;
}

/* The request was tried often enough. */
static enum harvest_verdict
exhausted(struct oai_run *r, enum oai_fail how)
{
	r->attempt = 0;
	r->wait_ms = 0;
	switch (r->head.phase) {
	case OAI_FORMATS:
		if (how == FAIL_NET || how == FAIL_BUSY)
			return oai_over(r);
		if (r->source->format[0] != '\0')
			return oai_formats_unknown(r);
		return oai_formats_untold(r);
	case OAI_SETS:
		oai_sets_unknown(r);
		return HARVEST_ABORT;
	case OAI_LIST:
		return oai_list_trouble(r, how);
	case OAI_GET:
		if (how == FAIL_NET || how == FAIL_BUSY)
			return oai_over(r);
		oai_get_failed(r);
		return HARVEST_ABORT;
	default:
		return oai_over(r);
	}
}

static unsigned
tries(const struct oai_run *r, enum oai_fail how)
{
	unsigned n = r->policy.tries > 0 ? r->policy.tries : 1;

	/* What cannot be read seldom becomes readable, and what failed in one
	 * way of asking needs less patience in the next. */
	if (how == FAIL_BODY ||
	    (r->head.phase == OAI_LIST && r->head.unit != r->know.base_unit))
		return n < 2 ? n : 2;
	return n;
}

enum harvest_verdict
oai_failed(struct oai_run *r, enum oai_fail how, enum err_class class, int code,
    int64_t retry_after_ms, const char *fmt, ...)
{
	char what[ERR_TEXT_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	oai_say(r, class, code, "%s", what);
	/* A record that cannot be read says nothing of the others. */
	if ((r->head.phase != OAI_GET || how != FAIL_BODY) &&
	    ++r->failed > FAILED_MAX) {
		err_prefix(
		    &r->last_err, "more than %d requests failed", FAILED_MAX);
		return oai_over(r);
	}
	if ((how == FAIL_SERVER || how == FAIL_BODY) && oai_token_try_raw(r))
		return HARVEST_ABORT;
	if (++r->attempt >= tries(r, how))
		return exhausted(r, how);
	r->wait_ms = retry_after_ms >= 0
			 ? retry_after_ms
			 : backoff_wait_ms(&r->policy, r->attempt, &r->random);
	return HARVEST_ABORT;
}
