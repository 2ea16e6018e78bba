/*
 * The calls of feed_run.h: one page in flight at a time, since only what a
 * page brought says whether there is another one to ask for.
 */
#include "sched/feed_run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/url.h"
#include "sched/feed_priv.h"
#include "sched/moved.h"

/* Losses in a row before the run ends. */
enum { LOST_MAX = 5 };

const char *const feed_way_names[FEED_WAY_COUNT] = {
    "feed", "page", "archive", "number"};

struct feed_run *
feed_run_new(const struct conf_source *source, const struct harvest_open *open)
{
	struct feed_run *r = xcalloc(1, sizeof(*r));

	r->source = source;
	r->mode = open->mode;
	r->policy = open->backoff != NULL ? *open->backoff : backoff_default;
	r->random = open->random;
	r->active = open->active;
	r->committed = open->page_no;
	r->now_us = open->now_us;
	kv_read(&r->quirks, open->quirks);
	buf_init(&r->state, HARVEST_STATE_BYTES);
	buf_init(&r->text, LIMIT_URL_BYTES + KIB);
	buf_init(&r->quirks_out, HARVEST_STATE_BYTES);
	buf_init(&r->facts_out, HARVEST_STATE_BYTES);
	r->first = r->active == 0 || r->mode != RUN_INCREMENTAL;
	feed_state_read(r, open->state);
	/* What was found from another address is of no use. */
	if (strcmp(kv_get(&r->quirks, "feed_of"), source->url) != 0)
		kv_set(&r->quirks, "feed_url", NULL);
	return r;
}

static void
page_clear(struct feed_page *p)
{
	free(p->etag);
	free(p->last_modified);
	free(p->next);
	free(p->archive);
	memset(p, 0, sizeof(*p));
}

void
feed_run_free(struct feed_run *r)
{
	page_clear(&r->page);
	kv_release(&r->quirks);
	kv_release(&r->facts);
	seen_release(&r->seen);
	buf_release(&r->state);
	buf_release(&r->text);
	buf_release(&r->quirks_out);
	buf_release(&r->facts_out);
	free(r->place.url);
	free(r);
}

const char *
feed_address(const struct feed_run *r)
{
	const char *found = kv_get(&r->quirks, "feed_url");

	return found[0] != '\0' ? found : r->source->url;
}

static const char *
address(const struct feed_run *r)
{
	return r->place.url != NULL ? r->place.url : feed_address(r);
}

void
feed_go(struct feed_run *r, enum feed_way way, char *url)
{
	free(r->place.url);
	r->place.url = url;
	r->place.way = way;
	r->attempt = 0;
	r->wait_ms = 0;
}

void
feed_done(struct feed_run *r)
{
	r->place.done = true;
}

void
feed_say(
    struct feed_run *r, enum err_class class, int code, const char *fmt, ...)
{
	char what[ERR_TEXT_BYTES / 2];
	struct buf url;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	buf_init(&url, LIMIT_URL_BYTES);
	url_redact(&url, address(r));
	err_set(&r->last_err, class, code, "%s; to try by hand: <%s>", what,
	    buf_str(&url));
	buf_release(&url);
}

void
feed_over(struct feed_run *r)
{
	if (r->stopped)
		return;
	if (r->place.way == FEED_WAY_FEED) {
		r->err = r->last_err;
		r->over = true;
		return;
	}
	err_prefix(&r->last_err, "its older items cannot all be read");
	r->rest_err = r->last_err;
	feed_keep_rest(r, true);
	feed_done(r);
}

void
feed_failed(struct feed_run *r, unsigned tries, int64_t retry_after_ms)
{
	if (++r->attempt >= (tries > 0 ? tries : 1)) {
		feed_over(r);
		return;
	}
	r->wait_ms = retry_after_ms >= 0
			 ? retry_after_ms
			 : backoff_wait_ms(&r->policy, r->attempt, &r->random);
}

/* --- what comes next --- */
/* A server that says 304 for ever is asked plainly once a week; so is one
 * whose address has changed, and where somebody asked for everything. */
static bool
may_be_equal(const struct feed_run *r)
{
	int64_t read_at = feed_number(&r->quirks, "read_at");

	return r->place.way == FEED_WAY_FEED && r->mode == RUN_INCREMENTAL &&
	       r->now_us >= read_at && r->now_us - read_at < FEED_WEEK_US &&
	       strcmp(kv_get(&r->quirks, "asked"), address(r)) == 0 &&
	       strcmp(kv_get(&r->quirks, "asked_format"), r->source->format) ==
		   0;
}

static enum harvest_step
step_request(struct feed_run *r, struct harvest_request *out)
{
	struct feed_page *p = &r->page;

	page_clear(p);
	p->there = true;
	p->no = r->committed + 1;
	p->comparable = may_be_equal(r);
	*out = (struct harvest_request){
	    .page_no = p->no,
	    .verb = feed_is_static(r) ? "static" : feed_way_names[r->place.way],
	    .url = address(r),
	    .format = feed_is_static(r) ? static_format(r) : "",
	    .from = "",
	    .until = "",
	    .set = "",
	    .wanted = "",
	    .etag = "",
	    .last_modified = "",
	    .identity = kv_get(&r->quirks, "identity"),
	    .wait_ms = r->wait_ms,
	};
	if (out->identity[0] == '\0' && !feed_is_static(r))
		out->identity = "guid";
	if (p->comparable) {
		out->etag = kv_get(&r->quirks, "etag");
		out->last_modified = kv_get(&r->quirks, "last_modified");
	}
	p->conditional = out->etag[0] != '\0' || out->last_modified[0] != '\0';
	return HARVEST_STEP_REQUEST;
}

enum harvest_step
feed_run_next(struct feed_run *r, struct harvest_request *out)
{
	memset(out, 0, sizeof(*out));
	if (r->page.there && !(r->over && !r->page.fetched))
		return HARVEST_STEP_WAIT;
	if (r->over)
		return HARVEST_STEP_CLOSE;
	if (r->rekey_wanted) {
		if (r->rekey_asked)
			return HARVEST_STEP_WAIT;
		r->rekey_asked = true;
		out->identity = "link";
		return HARVEST_STEP_REKEY;
	}
	if (r->place.done)
		return HARVEST_STEP_CLOSE;
	return step_request(r, out);
}

/* --- one page --- */
enum harvest_verdict
feed_run_fetched(
    struct feed_run *r, const struct harvest_fetched *f, struct err *why)
{
	struct feed_page *p = &r->page;
	enum harvest_verdict verdict;

	BUG_ON(!p->there || p->no != f->page_no);
	r->now_us = f->now_us;
	p->fetched = true;
	p->status = f->status;
	if (r->place.way == FEED_WAY_FEED && f->err_class == ERR_NONE &&
	    f->status < 400)
		moved_note(&r->quirks, f->moved_url, f->now_us);
	verdict = feed_answer(r, f);
	if (verdict == HARVEST_PARSE)
		return verdict;
	page_clear(p);
	if (verdict == HARVEST_RETRY)
		*why = r->last_err;
	else
		feed_take_rest(r);
	return verdict;
}

enum harvest_verdict
feed_run_facts(struct feed_run *r, uint64_t page_no, const struct page_facts *f,
    struct err *why)
{
	struct feed_page *p = &r->page;
	enum harvest_verdict verdict;

	BUG_ON(!p->there || p->no != page_no);
	err_clear(&r->last_err);
	verdict = feed_judge(r, f);
	p->judged = verdict == HARVEST_COMMIT;
	if (verdict != HARVEST_COMMIT) {
		*why = r->last_err;
		page_clear(p);
	}
	return verdict;
}

void
feed_run_unparsed(
    struct feed_run *r, uint64_t page_no, const struct err *why, int64_t now_us)
{
	(void)page_no;
	r->now_us = now_us;
	feed_say(r, why->class, why->code, "%s", why->text);
	page_clear(&r->page);
	if (!r->over)
		feed_failed(r, r->policy.tries < 2 ? r->policy.tries : 2, -1);
}

const char *
feed_run_state(struct feed_run *r, uint64_t page_no, int64_t *advertised)
{
	(void)page_no;
	*advertised = -1;
	feed_state_write(r, &r->state);
	return buf_str(&r->state);
}

/* What was not there before, whether it is kept or not. */
static uint64_t
fresh(const struct harvest_counts *c)
{
	return c->added + c->filtered - c->filtered_before;
}

/* Items that are all new to a source that has some: was more missed, or are
 * they old ones under new names?  A run that is opened again has stored its
 * page before, and cannot tell: it looks one page further. */
static void
find_gap(struct feed_run *r, const struct harvest_counts *c)
{
	bool wholly_new = r->active > 0 && fresh(c) > 0 && r->known == 0;

	if (feed_is_static(r)) /* its identifiers last, by its own word */
		return;

	r->guessed = r->resumed && fresh(c) == 0;
	r->gap = (wholly_new || r->guessed) && r->mode == RUN_INCREMENTAL;
	r->rekey_wanted =
	    wholly_new && kv_get(&r->quirks, "identity")[0] == '\0';
	/* Its records are still known by what was before. */
	if (kv_get(&r->quirks, "rekey")[0] != '\0' &&
	    (fresh(c) > 0 || r->resumed))
		r->rekey_wanted = true;
}

void
feed_run_committed(
    struct feed_run *r, uint64_t page_no, const struct harvest_counts *c)
{
	bool was_first = r->place.way == FEED_WAY_FEED;
	bool again = r->resumed && fresh(c) == 0;

	BUG_ON(!r->page.judged || r->page.no != page_no);
	r->committed = page_no;
	r->lost = 0;
	r->added += fresh(c);
	r->altered += c->changed + c->deleted;
	if (!again)
		r->known +=
		    c->unchanged + c->touched + c->changed + c->filtered_before;
	if (c->rejected > 0)
		r->complete = false;
	if (was_first) {
		r->read = true;
		feed_keep_validators(r);
		feed_set_number(&r->quirks, "read_at", r->now_us);
		find_gap(r, c);
	}
	r->resumed = false;
	feed_go_on(r, fresh(c) > 0 || again);
	page_clear(&r->page);
	if (c->held)
		feed_done(r);
	else if (was_first)
		feed_take_rest(r);
}

void
feed_run_lost(struct feed_run *r)
{
	page_clear(&r->page);
	if (r->over || ++r->lost < LOST_MAX)
		return;
	feed_say(r, ERR_DB, 0,
	    "its page was lost %d times on the way to the database", LOST_MAX);
	r->err = r->last_err;
	r->over = true;
}

void
feed_run_rekeyed(struct feed_run *r, bool rekeyed)
{
	r->rekey_wanted = false;
	kv_set(&r->quirks, "rekey", NULL);
	if (!rekeyed)
		return;
	/* They were known, so nothing is missing in between. */
	if (kv_get(&r->quirks, "identity")[0] == '\0') {
		kv_set(&r->quirks, "identity", "link");
		kv_set(&r->quirks, "identity_why", "change");
	}
	r->gap = false;
	r->known++;
	r->added = 0;
	if (!r->first && !r->complete)
		feed_done(r);
}

void
feed_run_stop(struct feed_run *r, enum err_class class, const char *text)
{
	if (r->over)
		return;
	r->stopped = true;
	err_set(&r->err, class, 0, "%s", text);
	r->over = true;
}

const char *
feed_run_where(struct feed_run *r)
{
	buf_clear(&r->text);
	if (feed_is_static(r))
		buf_adds(&r->text, "the static repository");
	else if (r->place.way == FEED_WAY_FEED)
		buf_adds(&r->text, "the feed");
	else
		buf_printf(&r->text, "%s %llu of its older items",
		    r->place.way == FEED_WAY_ARCHIVE ? "archive" : "page",
		    (unsigned long long)r->place.followed);
	return buf_str(&r->text);
}
