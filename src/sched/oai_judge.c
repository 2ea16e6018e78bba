/* The facts of a page: is it an answer to what was asked, does it fit what
 * came before, and where does it lead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/str.h"
#include "sched/oai_priv.h"
#include "sched/answer.h"

#define DAY_US ((int64_t)86400 * 1000000)

enum {
	EMPTY_SAME_TOKEN = 50, /* empty pages in a row by one token: a loop */
	EMPTY_ANY_TOKEN = 1000,
	REPEATS_OF_ONE = 3, /* pages of one record, which may come twice */
	WINDOW_SAMPLE = 10, /* records that tell whether from is obeyed */
};

static uint64_t
hash_text(const char *s)
{
	return s != NULL && s[0] != '\0' ? hash64(s, strlen(s)) : 0;
}

/* What came instead of OAI-PMH, in words. */
static enum harvest_verdict
unreadable(
    struct oai_run *r, const struct oai_page *p, const struct page_facts *f)
{
	char words[256];
	struct buf b;
	enum err_class class =
	    f->err_class != ERR_NONE ? f->err_class : ERR_XML;
	int64_t wait = p->retry_after_ms;

	switch (f->body) {
	case BODY_EMPTY:
		return oai_failed(r, p->status == 202 ? FAIL_BUSY : FAIL_BODY,
		    class, 0, wait, "HTTP %u with an empty body%s", p->status,
		    p->status == 202 ? " (a bot challenge answers like that)"
				     : "");
	case BODY_TRUNCATED:
		return oai_failed(r, FAIL_BODY, class, 0, wait,
		    "the page is truncated%s%s",
		    f->err_text && f->err_text[0] ? ": " : "",
		    f->err_text ? f->err_text : "");
	case BODY_OAI:
		return oai_failed(r, FAIL_BODY, class, 0, wait,
		    "the page cannot be read: %s",
		    f->err_text && f->err_text[0] ? f->err_text
						  : "no reason given");
	default:
		buf_init(&b, 4 * KIB);
		body_words(&b, f);
		str_copy(words, sizeof(words), buf_str(&b));
		buf_release(&b);
		return oai_failed(r, FAIL_BODY, class, 0, wait,
		    "%s instead of OAI-PMH", words);
	}
}

static enum granularity
granularity_said(const char *s)
{
	if (s == NULL || s[0] == '\0')
		return GRANULARITY_UNKNOWN;
	return strcasestr(s, "hh") != NULL || strcasestr(s, "ss") != NULL
		   ? GRANULARITY_SECOND
		   : GRANULARITY_DAY;
}

/* The next `from` counts from the server's clock, unless that is far off. */
static void
learn_start(struct oai_run *r, const char *response_date, int64_t now_us)
{
	enum granularity g;
	int64_t us;
	char note[160];

	r->know.start = now_us;
	if (response_date == NULL || date_parse(response_date, &us, &g) != 0)
		return;
	if (us > now_us + DAY_US || us < now_us - DAY_US) {
		snprintf(note, sizeof(note),
		    "the server's clock is off: responseDate %.40s",
		    response_date);
		kv_set_clean(&r->know.facts, "note", note);
	}
	if (us <= now_us + DAY_US)
		r->know.start = us;
}

static enum harvest_verdict
judge_identify(
    struct oai_run *r, const struct oai_page *p, const struct page_facts *f)
{
	struct oai_know *k = &r->know;
	struct kv *facts = &k->facts;
	const char *quirk = kv_get(&k->quirks, "granularity");
	enum granularity g;
	int64_t us;

	learn_start(r, f->response_date, p->now_us);
	k->declared = granularity_said(f->granularity);
	k->granularity = strcmp(quirk, "day") == 0	? GRANULARITY_DAY
			 : strcmp(quirk, "second") == 0 ? GRANULARITY_SECOND
							: k->declared;
	/* "0000-00-00", the epoch and the future say nothing. */
	k->earliest = DATE_NONE;
	if (f->earliest_datestamp != NULL &&
	    date_parse(f->earliest_datestamp, &us, &g) == 0 &&
	    us >= date_days(1990, 1, 1) * DAY_US && us <= k->start)
		k->earliest = us;
	kv_set_clean(facts, "repository", f->repository_name);
	kv_set_clean(facts, "base_url", f->base_url);
	kv_set_clean(facts, "protocol_version", f->protocol_version);
	kv_set_clean(facts, "earliest", f->earliest_datestamp);
	kv_set_clean(facts, "deleted_record", f->deleted_record);
	kv_set_clean(facts, "granularity", f->granularity);
	kv_set_clean(facts, "compression", f->compression);
	kv_set_clean(facts, "admin_email", f->admin_email);
	kv_set_clean(facts, "response_date", f->response_date);
	r->attempt = 0;
	r->wait_ms = 0;
	oai_after_identify(r);
	return HARVEST_COMMIT;
}

static bool
is_loop(struct oai_run *r, const struct oai_page *p, const struct page_facts *f,
    uint64_t ids, uint64_t token)
{
	struct oai_pos *pos = &r->head;
	bool same_token = token == (uint64_t)pos->last_token;
	bool first = pos->w_pages == 0;

	if (token == 0) /* it ends, whatever it repeats */
		return false;
	pos->empties = f->records > 0 ? 0 : pos->empties + 1;
	if (f->records == 0)
		return pos->empties >= EMPTY_ANY_TOKEN ||
		       (same_token && pos->empties >= EMPTY_SAME_TOKEN);
	if (!first && same_token && p->body_hash != 0 &&
	    p->body_hash == (uint64_t)pos->last_body)
		return true;
	if (first ||
	    (ids != (uint64_t)pos->last_ids &&
		!(r->seen_window == pos->window && seen_has(&r->seen, ids)))) {
		pos->repeats = 0;
		return false;
	}
	pos->repeats++;
	return same_token || f->records > 1 || pos->repeats >= REPEATS_OF_ONE;
}

static enum harvest_verdict
loop_found(struct oai_run *r)
{
	struct oai_pos *p = &r->head;

	oai_say(r, ERR_PROTO, 0,
	    "resumptionToken loop: page %lld brought a token and identifiers "
	    "that were there before",
	    (long long)p->w_pages + 1);
	if (r->resumed)
		return oai_list_trouble(r, FAIL_TOKEN);
	if (!p->looped) {
		p->looped = 1;
		if (oai_window_cut(r) == 0)
			return HARVEST_ABORT;
	}
	return oai_list_fail(r);
}

/* Windows are no use where from and until are ignored. */
static bool
windows_ignored(struct oai_run *r, const struct page_facts *f)
{
	if (r->head.unit == WINDOW_NONE || f->records < WINDOW_SAMPLE ||
	    f->outside_window * 2 <= f->records)
		return false;
	oai_say(r, ERR_PROTO, 0,
	    "the server ignores from and until, so that its list cannot be cut "
	    "into windows");
	r->know.windows_useless = 1;
	r->know.base_unit = WINDOW_NONE;
	r->know.window_trial = 0;
	oai_quirk(r, "window", NULL);
	oai_quirk(r, "from", "ignored");
	/* Not for its second reading (oai_cap.c): it was read already. */
	if (oai_cap_asked(&r->head))
		oai_list_fail(r);
	else
		oai_list_begin(r, r->head.list);
	return true;
}

/* What a good page proves about the way it was asked for. */
static void
learn(struct oai_run *r, const struct page_facts *f)
{
	struct oai_know *k = &r->know;

	if (k->token_trial && r->head.token != NULL) {
		k->token_trial = 0;
		oai_quirk(r, "token_encoding", k->token_raw ? "raw" : NULL);
	}
	if (k->granularity_trial == 1 && (r->from[0] || r->until[0])) {
		k->granularity_trial = 2;
		oai_quirk(r, "granularity",
		    k->granularity == GRANULARITY_DAY ? "day" : "second");
	}
	k->token_proved |= r->head.token != NULL;
	if (k->window_trial && r->head.unit != WINDOW_NONE &&
	    !oai_cap_asked(&r->head)) {
		k->window_trial = 0;
		oai_quirk(r, "window", window_name((enum window)k->base_unit));
	}
	/* It says seconds, but its datestamps are days. */
	if (k->granularity == GRANULARITY_SECOND && f->records > 0 &&
	    f->min_datestamp != NULL && strlen(f->min_datestamp) == 10 &&
	    f->max_datestamp != NULL && strlen(f->max_datestamp) == 10 &&
	    r->head.unit != WINDOW_HOUR) {
		k->granularity = GRANULARITY_DAY;
		oai_quirk(r, "granularity", "day");
	}
}

static void
count_page(struct oai_run *r, const struct page_facts *f)
{
	struct oai_pos *p = &r->head;
	bool all_of_set = f->outside_set * 2 <= f->records;

	if (f->cursor >= 0 && f->cursor != p->w_received)
		p->cursor_fits = 0;
	if (f->list_size >= 0 && !r->know.sizes_wrong)
		p->w_size = f->list_size;
	if (oai_dated(p)) {
		p->in_windows += (int64_t)f->records;
		p->outside += (int64_t)f->outside_window;
	}
	if (oai_set(r, p)[0] != '\0') {
		p->in_sets += (int64_t)f->records;
		p->outside_set += (int64_t)f->outside_set;
		if (p->w_pages == 0)
			p->set_fits = all_of_set && f->records > 0;
		else if (p->set_fits && !all_of_set)
			p->set_forgotten++;
	}
	p->w_pages++;
	p->w_received += (int64_t)f->records;
	if (p->w_most < (int64_t)f->records)
		p->w_most = (int64_t)f->records;
	p->any += f->records > 0;
}

/* The token without the white space that pretty-printing put around it. */
static char *
token_copy(const char *s)
{
	size_t n;

	if (s == NULL)
		return NULL;
	s += strspn(s, " \t\r\n");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		n--;
	return n > 0 ? xstrndup(s, n) : NULL;
}

/* A token that was asked before, by a run that was interrupted or a request
 * that failed: does its page go on where we stopped?  A server that keeps the
 * place itself, behind a token that never changes, has moved on. */
static bool
resumes_elsewhere(const struct oai_run *r, const struct page_facts *f)
{
	const struct oai_pos *p = &r->head;

	if (p->token == NULL || (!r->resumed && r->attempt == 0))
		return false;
	if (f->cursor < 0 || !p->cursor_fits)
		return p->one_token;
	/* One page alone does not prove that its cursor counts records. */
	return p->w_pages > 1 ? f->cursor != p->w_received
			      : f->cursor > p->w_received;
}

static enum harvest_verdict
accept_list(struct oai_run *r, struct oai_page *p, const struct page_facts *f,
    uint64_t ids, char *token)
{
	struct oai_pos *pos = &r->head;
	enum granularity g;

	learn(r, f);
	count_page(r, f);
	p->ids_hash = ids;
	if (f->records > 0)
		pos->last_ids = (int64_t)ids;
	pos->one_token = pos->token != NULL && token != NULL &&
			 strcmp(pos->token, token) == 0;
	pos->last_token = (int64_t)hash_text(token);
	pos->last_body = (int64_t)p->body_hash;
	r->resumed = false;
	r->attempt = 0;
	r->wait_ms = 0;
	oai_pos_release(pos);
	pos->token = token;
	if (token == NULL || f->token_expires == NULL ||
	    date_parse(f->token_expires, &pos->token_expires, &g) != 0)
		pos->token_expires = DATE_NONE;
	if (token == NULL)
		oai_list_ended(r);
	return HARVEST_COMMIT;
}

static enum harvest_verdict
judge_list(struct oai_run *r, struct oai_page *p, const struct page_facts *f)
{
	char *token = token_copy(f->token);
	uint64_t ids = 0;
	enum harvest_verdict v;

	if (f->records > 0)
		ids = hash64(f->ids_hash, sizeof(f->ids_hash));
	if (resumes_elsewhere(r, f)) {
		oai_say(r, ERR_PROTO, 0,
		    "a token that was asked before leads elsewhere now "
		    "(cursor %lld, expected %lld)",
		    (long long)f->cursor, (long long)r->head.w_received);
		v = oai_list_trouble(r, FAIL_TOKEN);
	} else if (is_loop(r, p, f, ids, hash_text(token))) {
		v = loop_found(r);
	} else if (windows_ignored(r, f)) {
		v = HARVEST_ABORT;
	} else if (token != NULL && strlen(token) > LIMIT_TOKEN_BYTES) {
		oai_say(r, ERR_LIMIT, 0,
		    "a resumptionToken of %zu bytes; the limit is %zu",
		    strlen(token), LIMIT_TOKEN_BYTES);
		v = oai_list_fail(r);
	} else {
		return accept_list(r, p, f, ids, token);
	}
	free(token);
	return v;
}

static enum harvest_verdict
judge_get(struct oai_run *r, const struct page_facts *f)
{
	r->gets_good += f->records > 0;
	if (f->records > 0 && r->know.identifiers_trial) {
		r->know.identifiers_trial = 0;
		oai_quirk(r, "verb_mode", "identifiers");
	}
	if (f->records == 0) /* an empty answer: not to be asked again */
		seen_add(&r->given_up, hash_text(oai_get_id(r)));
	r->attempt = 0;
	r->wait_ms = 0;
	r->gets_failed_row = 0;
	oai_get_next(r);
	return HARVEST_COMMIT;
}

/* The server is well: it was only those records. */
static enum harvest_verdict
judge_probe(struct oai_run *r)
{
	r->attempt = 0;
	r->wait_ms = 0;
	r->gets_failed_row = 0;
	r->head.phase = OAI_GET;
	return HARVEST_COMMIT;
}

enum harvest_verdict
oai_judge(struct oai_run *r, struct oai_page *p, const struct page_facts *f)
{
	const char *title = f->title != NULL ? f->title : "";

	if (f->body == BODY_CHALLENGE)
		return oai_failed(r, FAIL_BUSY, ERR_HTTP, (int)p->status,
		    p->retry_after_ms,
		    "a bot challenge stands before the server (HTTP %u, %s)",
		    p->status, title[0] ? title : "unnamed");
	if (f->body == BODY_OAI && f->errors.count > 0)
		return oai_judge_errors(r, f);
	if (p->status >= 400)
		return oai_judge_status(r, p, f);
	if (f->body != BODY_OAI || f->err_class != ERR_NONE)
		return unreadable(r, p, f);
	if (f->verb != NULL && f->verb[0] != '\0' &&
	    strcasecmp(f->verb, oai_verb(&r->head)) != 0)
		return oai_failed(r, FAIL_BODY, ERR_PROTO, 0, -1,
		    "asked for %s, answered with %.60s", oai_verb(&r->head),
		    f->verb);
	switch (r->head.phase) {
	case OAI_IDENTIFY:
		return judge_identify(r, p, f);
	case OAI_FORMATS:
		return oai_formats_judged(r, f);
	case OAI_SETS:
		return oai_sets_judged(r, f);
	case OAI_GET:
		return judge_get(r, f);
	case OAI_PROBE:
		return judge_probe(r);
	default:
		return judge_list(r, p, f);
	}
}
