/*
 * The calls of oai_run.h: which pages are in flight, what comes next, and what
 * is undone when a page is lost.
 *
 * `base` is where the last committed page left the run, `head` where the next
 * request stands; each judged page in flight keeps the position after it.
 */
#include "sched/oai_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/limits.h"
#include "sched/answer.h"
#include "sched/oai_priv.h"

enum {
	LOST_MAX = 5,
	/* A comparison that wants more than this many records, or this share
	 * of all, is cheaper as a full harvest. */
	COMPARE_WANTS = 200,
	COMPARE_SHARE_PERCENT = 20,
	WANT_COUNT = 100, /* identifiers to be fetched next */
};

static void
begin(struct oai_run *r, const char *quirks)
{
	struct oai_know *k = &r->know;
	const char *window;

	kv_release(&k->quirks);
	kv_release(&k->facts);
	kv_release(&k->failed);
	free(k->format);
	*k = (struct oai_know){.earliest = DATE_NONE, .start = DATE_NONE};
	kv_read(&k->quirks, quirks);
	if (r->mode == RUN_FULL) {
		/* A full run is the time to find out whether these still hold.
		 */
		oai_quirk(r, "verb_mode", NULL);
		oai_quirk(r, "from", NULL);
		oai_quirk(r, "list_size", NULL);
	}
	k->base_unit = WINDOW_NONE;
	window = kv_get(&k->quirks, "window");
	for (int w = WINDOW_YEAR; w <= WINDOW_HOUR; w++)
		if (strcmp(window, window_name((enum window)w)) == 0)
			k->base_unit = w;
	if (r->source->window == WINDOW_NONE)
		k->base_unit = WINDOW_NONE;
	else if (r->source->window != WINDOW_AUTO &&
		 (int64_t)r->source->window > k->base_unit)
		k->base_unit = r->source->window;
	k->sizes_wrong = strcmp(kv_get(&k->quirks, "list_size"), "wrong") == 0;
	k->no_dates = strcmp(kv_get(&k->quirks, "from"), "refused") == 0;
	k->token_raw = strcmp(kv_get(&k->quirks, "token_encoding"), "raw") == 0;
	oai_pos_init(&r->head);
	r->head.identifiers =
	    r->mode == RUN_COMPARE ||
	    r->source->verb_mode == VERB_MODE_IDENTIFIERS ||
	    (r->source->verb_mode == VERB_MODE_AUTO &&
		strcmp(kv_get(&k->quirks, "verb_mode"), "identifiers") == 0);
	oai_pos_copy(&r->base, &r->head);
}

struct oai_run *
oai_run_new(const struct conf_source *source, const struct harvest_open *open)
{
	struct oai_run *r = xcalloc(1, sizeof(*r));

	r->source = source;
	r->mode = open->mode;
	r->policy = open->backoff != NULL ? *open->backoff : backoff_default;
	r->random = open->random;
	r->active = open->active;
	r->wanted = open->wanted;
	r->committed = open->page_no;
	r->checkpoints = xstrdup(open->checkpoints ? open->checkpoints : "");
	buf_init(&r->url, LIMIT_URL_BYTES);
	buf_init(&r->state, HARVEST_STATE_BYTES);
	buf_init(&r->text, 4 * KIB);
	buf_init(&r->checkpoints_out, MIB);
	buf_init(&r->quirks_out, HARVEST_STATE_BYTES);
	buf_init(&r->facts_out, HARVEST_STATE_BYTES);
	buf_init(&r->suspicion, 4 * KIB);
	begin(r, open->quirks ? open->quirks : "");
	/* A state of another configuration is of no use: begin anew. */
	if (open->state != NULL && open->state[0] != '\0' &&
	    oai_state_read(r, open->state, open->now_us) != 0)
		begin(r, open->quirks ? open->quirks : "");
	return r;
}

void
oai_run_free(struct oai_run *r)
{
	struct buf *bufs[] = {&r->url, &r->state, &r->text, &r->checkpoints_out,
	    &r->quirks_out, &r->facts_out, &r->suspicion};

	if (r == NULL)
		return;
	for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
		buf_release(bufs[i]);
	for (size_t i = 0; i < 2; i++)
		oai_pos_release(&r->page[i].after);
	oai_pos_release(&r->base);
	oai_pos_release(&r->head);
	kv_release(&r->know.quirks);
	kv_release(&r->know.facts);
	kv_release(&r->know.failed);
	seen_release(&r->seen);
	seen_release(&r->given_up);
	free(r->know.format);
	free(r->checkpoints);
	free(r->ids);
	free(r->want_after);
	free(r->want_last);
	free(r->wanted_id);
	free(r);
}

static struct oai_page *
page_find(struct oai_run *r, uint64_t no)
{
	for (size_t i = 0; i < r->pages; i++)
		if (r->page[i].no == no)
			return &r->page[i];
	return NULL;
}

/* The identifiers in hand belong to a position that is no more. */
static void
forget_wanted(struct oai_run *r)
{
	free(r->ids);
	r->ids = NULL;
	free(r->want_last);
	r->want_last = NULL;
	r->want_asked = false;
	if (r->head.phase == OAI_GET)
		r->head.phase = OAI_WANT;
}

/* Undoes page i and what is ahead of it. */
static void
rewind_to(struct oai_run *r, size_t i)
{
	bool judged = r->pages > i && r->page[i].judged;

	r->pages = i;
	if (!judged)
		return;
	oai_pos_copy(&r->head, i > 0 ? &r->page[i - 1].after : &r->base);
	r->attempt = r->page[i].attempt;
	forget_wanted(r);
}

/* Nothing may be asked any more: transfers are given up, pages that are being
 * parsed or stored may end. */
static enum harvest_step
step_over(struct oai_run *r)
{
	if (r->pages > 0 && !r->page[r->pages - 1].fetched)
		r->pages--;
	return r->pages > 0 ? HARVEST_STEP_WAIT : HARVEST_STEP_CLOSE;
}

static enum harvest_step
step_want(struct oai_run *r, struct harvest_request *out)
{
	uint64_t limit = r->active * COMPARE_SHARE_PERCENT / 100;

	if (r->pages > 0 || r->want_asked)
		return HARVEST_STEP_WAIT;
	if (limit < COMPARE_WANTS)
		limit = COMPARE_WANTS;
	if (r->mode == RUN_COMPARE && r->wanted > limit &&
	    r->source->verb_mode != VERB_MODE_IDENTIFIERS &&
	    strcmp(kv_get(&r->know.quirks, "verb_mode"), "identifiers") != 0) {
		r->ask_full = true;
		r->head.phase = OAI_DONE;
		return HARVEST_STEP_CLOSE;
	}
	r->want_asked = true;
	if (r->want_last != NULL) {
		free(r->want_after);
		r->want_after = r->want_last;
		r->want_last = NULL;
	}
	out->want = WANT_COUNT;
	out->want_after = r->want_after != NULL ? r->want_after : "";
	return HARVEST_STEP_WANT;
}

static enum harvest_step
step_request(struct oai_run *r, struct harvest_request *out)
{
	struct oai_page *p = &r->page[r->pages];
	uint64_t no = r->committed + r->pages + 1;

	if (oai_url_build(r) != 0 || no > LIMIT_PAGES_PER_RUN) {
		oai_say(r, ERR_LIMIT, 0, "%s",
		    r->url.full ? "the request is longer than any URL may be"
				: "the run has more pages than any may have");
		oai_over(r);
		return step_over(r);
	}
	p->no = no;
	p->fetched = p->judged = false;
	p->token = r->head.phase == OAI_LIST && r->head.token != NULL;
	p->status = 0;
	p->retry_after_ms = -1;
	p->ids_hash = 0;
	p->attempt = r->attempt;
	p->wanted_hash = r->head.phase == OAI_GET
			     ? hash64(oai_get_id(r), strlen(oai_get_id(r)))
			     : 0;
	r->pages++;
	free(r->wanted_id);
	r->wanted_id = xstrdup(r->head.phase == OAI_GET ? oai_get_id(r) : "");
	*out = (struct harvest_request){
	    .page_no = no,
	    .verb = oai_verb(&r->head),
	    .url = buf_str(&r->url),
	    .format = r->know.format != NULL ? r->know.format : "",
	    .from = r->from,
	    .until = r->until,
	    .set = r->head.phase == OAI_LIST ? oai_set(r, &r->head) : "",
	    .wanted = r->wanted_id,
	    .want_after = "",
	    .wait_ms = r->wait_ms,
	    .etag = "",
	    .last_modified = "",
	    .identity = "",
	};
	return HARVEST_STEP_REQUEST;
}

enum harvest_step
oai_run_next(struct oai_run *r, struct harvest_request *out)
{
	*out = (struct harvest_request){.verb = "",
	    .url = "",
	    .format = "",
	    .from = "",
	    .until = "",
	    .set = "",
	    .wanted = "",
	    .want_after = ""};
	if (r->over)
		return step_over(r);
	if (r->pages == 2 || (r->pages == 1 && !r->page[0].judged))
		return HARVEST_STEP_WAIT;
	if (r->head.phase == OAI_GET && oai_get_id(r)[0] == '\0')
		r->head.phase = OAI_WANT;
	if (r->head.phase == OAI_DONE)
		return r->pages > 0 ? HARVEST_STEP_WAIT : HARVEST_STEP_CLOSE;
	if (r->head.phase == OAI_WANT)
		return step_want(r, out);
	return step_request(r, out);
}

enum harvest_verdict
oai_run_fetched(
    struct oai_run *r, const struct harvest_fetched *f, struct err *why)
{
	struct oai_page *p = page_find(r, f->page_no);
	const char *text = f->err_text != NULL ? f->err_text : "";

	err_clear(why);
	if (p == NULL || p->fetched)
		return HARVEST_RETRY;
	p->fetched = true;
	p->now_us = f->now_us;
	p->status = f->status;
	p->body_bytes = f->body_bytes;
	p->body_hash = f->body_hash != NULL && f->body_bytes > 0
			   ? hash64(f->body_hash, HASH128_BYTES)
			   : 0;
	p->retry_after_ms = answer_retry_after_ms(f, r->source);
	/* A failure tells nothing of addresses; elsewhere it stays what it was
	 * at Identify, with which each run begins. */
	if (f->err_class == ERR_NONE && f->status < 400 &&
	    r->head.phase == OAI_IDENTIFY)
		oai_moved(r, f->moved_url, f->now_us);
	if (f->err_class == ERR_NONE && f->body_bytes > 0)
		return HARVEST_PARSE;
	r->pages--;
	if (f->err_class == ERR_NET || f->err_class == ERR_SYSTEM) {
		oai_failed(r, FAIL_NET, f->err_class, 0, -1, "%s", text);
	} else if (f->err_class == ERR_LIMIT && r->head.phase == OAI_GET) {
		oai_say(r, f->err_class, 0, "%s", text);
		oai_get_failed(r);
	} else if (f->err_class != ERR_NONE) {
		/* TLS, POLICY, LIMIT, CANCEL: the same a minute later. */
		oai_say(r, f->err_class, 0, "%s", text);
		oai_over(r);
	} else if (f->status >= 400) {
		oai_judge_status(r, p, NULL);
	} else {
		oai_failed(r, f->status == 202 ? FAIL_BUSY : FAIL_BODY,
		    ERR_HTTP, (int)f->status, p->retry_after_ms,
		    "HTTP %u with an empty body%s", f->status,
		    f->status == 202 ? " (a bot challenge answers like that)"
				     : "");
	}
	if (why != NULL)
		*why = r->last_err;
	return HARVEST_RETRY;
}

enum harvest_verdict
oai_run_facts(struct oai_run *r, uint64_t page_no, const struct page_facts *f,
    struct err *why)
{
	struct oai_page *p = page_find(r, page_no);
	enum harvest_verdict v;

	err_clear(why);
	if (p == NULL || !p->fetched || p->judged)
		return HARVEST_ABORT;
	v = oai_judge(r, p, f);
	if (v == HARVEST_COMMIT) {
		p->judged = true;
		oai_pos_copy(&p->after, &r->head);
		return v;
	}
	r->pages--;
	if (why != NULL)
		*why = r->last_err;
	return HARVEST_ABORT;
}

void
oai_run_unparsed(
    struct oai_run *r, uint64_t page_no, const struct err *why, int64_t now_us)
{
	struct oai_page *p = page_find(r, page_no);

	(void)now_us;
	if (p == NULL)
		return;
	rewind_to(r, (size_t)(p - r->page));
	if (r->over)
		return;
	if (r->head.phase == OAI_WANT) {
		/* A GetRecord whose place in the list is gone: left out. */
		seen_add(&r->given_up, p->wanted_hash);
		r->gets_failed++;
		if (r->list_err.class == ERR_NONE)
			r->list_err = *why;
		return;
	}
	oai_url_build(r);
	if (p->status >= 400)
		oai_judge_status(r, p, NULL);
	else
		oai_failed(r, FAIL_BODY,
		    why->class != ERR_NONE ? why->class : ERR_XML, why->code,
		    -1, "%.400s", why->text);
}

const char *
oai_run_state(struct oai_run *r, uint64_t page_no, int64_t *advertised)
{
	struct oai_page *p = page_find(r, page_no);
	const struct oai_pos *pos = p != NULL ? &p->after : &r->base;

	buf_clear(&r->state);
	oai_state_write(r, pos, &r->state);
	/* Without a state the run begins again, and loses nothing. */
	if (r->state.full)
		buf_clear(&r->state);
	if (advertised != NULL)
		*advertised =
		    pos->size_known || pos->w_size >= 0
			? pos->size + (pos->w_size > 0 ? pos->w_size : 0)
			: -1;
	return buf_str(&r->state);
}

void
oai_run_committed(
    struct oai_run *r, uint64_t page_no, const struct harvest_counts *c)
{
	struct oai_page *p = &r->page[0], done;

	if (r->pages == 0 || p->no != page_no || !p->judged)
		return;
	r->lost = 0;
	r->committed = page_no;
	r->wanted += c->wanted;
	if (p->ids_hash != 0) {
		/* Of the window that the page was in; the position after it may
		 * be in the next one already. */
		if (r->seen_window != r->base.window) {
			seen_clear(&r->seen);
			r->seen_window = r->base.window;
		}
		if (p->after.window == r->base.window)
			seen_add(&r->seen, p->ids_hash);
	}
	oai_pos_copy(&r->base, &p->after);
	/* Swapped, so that each slot keeps the token that it owns. */
	done = r->page[0];
	r->page[0] = r->page[1];
	r->page[1] = done;
	r->pages--;
	if (c->held) {
		rewind_to(r, 0);
		r->over = true;
		r->err.class = ERR_NONE;
	}
}

void
oai_run_lost(struct oai_run *r)
{
	r->pages = 0;
	r->attempt = 0;
	oai_pos_copy(&r->head, &r->base);
	forget_wanted(r);
	if (++r->lost < LOST_MAX || r->over)
		return;
	err_set(&r->last_err, ERR_DB, 0,
	    "pages were lost %d times in a row before they could be stored",
	    LOST_MAX);
	oai_over(r);
}

void
oai_run_wanted(struct oai_run *r, const char *identifiers)
{
	size_t n = strlen(identifiers), len = 0;

	if (r->over || r->head.phase != OAI_WANT)
		return;
	free(r->ids);
	r->want_asked = false;
	r->ids = xcalloc(1, n + 2);
	r->id_at = 0;
	while (*identifiers != '\0') {
		size_t line = strcspn(identifiers, "\n");

		if (line > 0) {
			free(r->want_last);
			r->want_last = xstrndup(identifiers, line);
		}
		if (line > 0 &&
		    !seen_has(&r->given_up, hash64(identifiers, line))) {
			memcpy(r->ids + len, identifiers, line);
			len += line + 1;
		}
		identifiers += line + (identifiers[line] == '\n');
	}
	if (len > 0)
		r->head.phase = OAI_GET;
	else if (r->want_last == NULL)
		r->head.phase = OAI_DONE;
}

void
oai_run_stop(struct oai_run *r, enum err_class class, const char *text)
{
	if (r->over)
		return;
	err_set(&r->last_err, class, 0, "%s", text);
	oai_over(r);
}

const char *
oai_run_where(struct oai_run *r)
{
	const struct oai_pos *p = &r->head;
	const char *set = p->phase == OAI_LIST ? oai_set(r, p) : "";
	char from[DATE_TEXT_BYTES], until[DATE_TEXT_BYTES];

	buf_clear(&r->text);
	if (r->over || p->phase == OAI_DONE)
		return "closing";
	buf_printf(
	    &r->text, "%s%s%.200s", oai_verb(p), set[0] ? ", set " : "", set);
	if (p->phase == OAI_LIST && oai_dated(p)) {
		oai_window_text(r, from, until);
		buf_printf(&r->text, ", %s to %s", from[0] ? from : "beginning",
		    until[0] ? until : "now");
	}
	buf_printf(
	    &r->text, ", page %llu", (unsigned long long)(r->committed + 1));
	if (p->phase == OAI_LIST && p->w_size > 0)
		buf_printf(&r->text, ", %lld of about %lld records",
		    (long long)p->w_received, (long long)p->w_size);
	if (r->attempt > 0)
		buf_printf(&r->text, ", try %u", r->attempt + 1);
	return buf_str(&r->text);
}
