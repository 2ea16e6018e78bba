/* What OAI-PMH errors (3.6) and HTTP statuses mean at the place where the run
 * is: an empty list, a refused token, a granularity that lies, a set or a
 * format that is not there, or the end. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/str.h"
#include "sched/oai_priv.h"
#include "sched/answer.h"

/* Nothing to store in it, but a proper answer: the next window is due. */
static enum harvest_verdict
list_empty(struct oai_run *r, enum harvest_verdict verdict)
{
	struct oai_pos *p = &r->head;

	/* An empty list of everything in a set: is there such a set? */
	if (p->token == NULL && p->w_pages == 0 && oai_set(r, p)[0] != '\0' &&
	    !oai_dated(p) && !r->know.sets_asked) {
		r->set_refused = false;
		p->phase = OAI_SETS;
		r->attempt = 0;
		return verdict;
	}
	if (p->token != NULL)
		oai_list_ended(r);
	else
		oai_window_next(r);
	return verdict;
}

static enum harvest_verdict
ask_sets(struct oai_run *r)
{
	r->set_refused = true;
	r->asked_why = r->last_err;
	r->head.phase = OAI_SETS;
	r->attempt = 0;
	r->wait_ms = 0;
	return HARVEST_ABORT;
}

static enum harvest_verdict
ask_formats(struct oai_run *r)
{
	r->format_refused = true;
	r->asked_why = r->last_err;
	r->head.phase = OAI_FORMATS;
	r->attempt = 0;
	r->wait_ms = 0;
	return HARVEST_ABORT;
}

/* A granularity that Identify did not tell the truth about. */
static bool
try_granularity(struct oai_run *r)
{
	struct oai_know *k = &r->know;

	if ((r->from[0] == '\0' && r->until[0] == '\0') || k->granularity_trial)
		return false;
	if (k->granularity == GRANULARITY_SECOND)
		k->granularity = GRANULARITY_DAY;
	else if (k->declared == GRANULARITY_UNKNOWN)
		k->granularity = GRANULARITY_SECOND;
	else
		return false;
	k->granularity_trial = 1;
	if (r->head.unit > WINDOW_DAY && k->granularity == GRANULARITY_DAY)
		oai_list_begin(r, r->head.list);
	else
		oai_window_restart(r);
	return true;
}

static bool
try_without_dates(struct oai_run *r)
{
	struct oai_know *k = &r->know;

	if ((r->from[0] == '\0' && r->until[0] == '\0') || k->no_dates ||
	    r->head.unit != WINDOW_NONE || r->source->from[0] != '\0' ||
	    r->source->until[0] != '\0')
		return false;
	if (k->granularity_trial == 1)
		k->granularity = k->declared;
	k->no_dates = 1;
	oai_quirk(r, "from", "refused");
	oai_list_begin(r, r->head.list);
	return true;
}

/* badArgument does not say which. */
static enum harvest_verdict
bad_argument(struct oai_run *r)
{
	if (try_granularity(r) || try_without_dates(r))
		return HARVEST_ABORT;
	if (!r->know.formats_asked)
		return ask_formats(r);
	if (oai_set(r, &r->head)[0] != '\0' && !r->know.sets_asked)
		return ask_sets(r);
	return oai_list_fail(r);
}

/* The same request again, with its token in the other form. */
static void
turn_token(struct oai_run *r)
{
	r->know.token_raw = !r->know.token_raw;
	r->know.token_trial = !r->know.token_trial;
	r->attempt = 0;
	r->wait_ms = 0;
}

static bool
has_escape(const char *s)
{
	for (; (s = strchr(s, '%')) != NULL; s++)
		if (isxdigit((unsigned char)s[1]) &&
		    isxdigit((unsigned char)s[2]))
			return true;
	return false;
}

bool
oai_token_try_raw(struct oai_run *r)
{
	struct oai_know *k = &r->know;
	const char *token = r->head.token;

	if (r->head.phase != OAI_LIST || token == NULL)
		return false;
	if (k->token_trial) { /* that does not help either */
		turn_token(r);
		return false;
	}
	if (k->token_tried || k->token_proved || !has_escape(token))
		return false;
	turn_token(r);
	k->token_tried = 1;
	return true;
}

enum harvest_verdict
oai_token_refused(struct oai_run *r, const char *what)
{
	struct oai_know *k = &r->know;
	const char *token = r->head.token;

	oai_say(r, ERR_PROTO, 0, "the resumptionToken was refused (%s)", what);
	if (token == NULL)
		return bad_argument(r);
	if (k->token_trial) {
		turn_token(r);
	} else if (oai_token_special(token) && !k->token_tried) {
		turn_token(r);
		k->token_tried = 1;
		return HARVEST_ABORT;
	}
	return oai_list_trouble(r, FAIL_TOKEN);
}

static enum harvest_verdict
list_error(struct oai_run *r, const char *code, const char *text)
{
	bool token = r->head.token != NULL;

	if (strcasecmp(code, "noRecordsMatch") == 0)
		return list_empty(r, HARVEST_COMMIT);
	if (strcasecmp(code, "badResumptionToken") == 0 ||
	    (token && strcasecmp(code, "badArgument") == 0))
		return oai_token_refused(r, text[0] ? text : code);
	oai_say(r, ERR_PROTO, 0, "%s: %s", code,
	    text[0] ? text : "no explanation given");
	if (strcasecmp(code, "badArgument") == 0)
		return bad_argument(r);
	if (strcasecmp(code, "cannotDisseminateFormat") == 0)
		return r->know.formats_asked ? oai_list_fail(r)
					     : ask_formats(r);
	if (strcasecmp(code, "noSetHierarchy") == 0)
		return oai_list_fail(r);
	if (strcasecmp(code, "badVerb") == 0)
		return oai_list_trouble(r, FAIL_BODY);
	return oai_failed(r, FAIL_SERVER, ERR_PROTO, 0, -1, "%s: %s", code,
	    text[0] ? text : "an error OAI-PMH does not know");
}

enum harvest_verdict
oai_judge_errors(struct oai_run *r, const struct page_facts *f)
{
	const char *code = f->errors.items[0].code;
	const char *text = f->errors.items[0].text;

	if (r->head.phase == OAI_LIST)
		return list_error(r, code, text);
	oai_say(r, ERR_PROTO, 0, "%s: %s", code, text);
	switch (r->head.phase) {
	case OAI_FORMATS:
		if (r->source->format[0] != '\0')
			return oai_formats_unknown(r);
		return oai_formats_judged(r, f);
	case OAI_SETS:
		r->know.sets_asked = 1;
		if (strcasecmp(code, "noSetHierarchy") == 0)
			return oai_list_fail(r);
		oai_sets_unknown(r);
		return HARVEST_ABORT;
	case OAI_GET:
		if (strcasecmp(code, "idDoesNotExist") != 0 &&
		    strcasecmp(code, "cannotDisseminateFormat") != 0 &&
		    strcasecmp(code, "noRecordsMatch") != 0)
			return oai_failed(r, FAIL_SERVER, ERR_PROTO, 0, -1,
			    "%s: %s", code, text);
		/* Gone since it was listed; not to be asked again. */
		seen_add(
		    &r->given_up, hash64(oai_get_id(r), strlen(oai_get_id(r))));
		oai_get_next(r);
		r->attempt = 0;
		r->gets_failed_row = 0;
		return HARVEST_COMMIT;
	default:
		return oai_over(r);
	}
}

/* 404 or 422, no word of OAI-PMH in it. */
static enum harvest_verdict
not_found(struct oai_run *r, unsigned status)
{
	struct oai_pos *p = &r->head;

	if (p->phase != OAI_LIST)
		return oai_over(r);
	if (p->token != NULL)
		return oai_token_refused(
		    r, status == 404 ? "HTTP 404" : "HTTP 422");
	if (!oai_dated(p))
		return oai_over(r);
	r->know.http_empty++;
	r->wait_ms = 0;
	return list_empty(r, HARVEST_ABORT);
}

enum harvest_verdict
oai_judge_status(
    struct oai_run *r, const struct oai_page *p, const struct page_facts *f)
{
	unsigned status = p->status;
	char what[256];

	status_words(what, sizeof(what), status, f);
	if (status_passes(status))
		return oai_failed(r,
		    status == 429 || p->retry_after_ms >= 0 ? FAIL_BUSY
							    : FAIL_SERVER,
		    ERR_HTTP, (int)status, p->retry_after_ms, "%s", what);
	oai_say(r, ERR_HTTP, (int)status, "%s", what);
	if (status != 410 && oai_token_try_raw(r))
		return HARVEST_ABORT;
	/* One record may be embargoed, or gone for good; only the proxy, where
	 * it refuses us, refuses everything. */
	if (r->head.phase == OAI_GET && status != 407) {
		oai_get_failed(r);
		return HARVEST_ABORT;
	}
	if (r->head.phase == OAI_SETS) { /* asked only to explain the list */
		oai_sets_unknown(r);
		return HARVEST_ABORT;
	}
	if (r->head.phase == OAI_FORMATS && r->format_refused)
		return oai_formats_unknown(r);
	switch (status) {
	case 400:
		if (r->head.phase != OAI_LIST)
			return oai_over(r);
		return r->head.token != NULL ? oai_token_refused(r, "HTTP 400")
					     : bad_argument(r);
	case 401:
	case 403:
	case 407:
	case 451:
		err_prefix(&r->last_err, "the server refuses us");
		return oai_over(r);
	case 404:
	case 422:
		return not_found(r, status);
	case 410:
		err_prefix(&r->last_err,
		    "the server says that it is gone for good; the source is "
		    "paused");
		r->pause = true;
		return oai_over(r);
	default:
		return oai_over(r);
	}
}

/* Names of what is offered, for the error text. */
static void
offered(struct buf *out, const struct page_facts *f, bool sets)
{
	size_t n = sets ? f->sets.count : f->formats.count;

	for (size_t i = 0; i < n && out->len < 200; i++)
		buf_printf(out, "%s%.64s", i > 0 ? ", " : "",
		    sets ? f->sets.items[i].spec : f->formats.items[i].prefix);
	if (n == 0)
		buf_adds(out, "nothing");
}

/* The prefix that the configuration means, or NULL. */
static const char *
find_format(const struct oai_run *r, const struct page_facts *f)
{
	const char *want = r->source->format;
	const struct facts_format *o = facts_format_wanted(f, want);

	if (o != NULL)
		return o->prefix;
	return want[0] == '\0' ? "oai_dc" : NULL;
}

enum harvest_verdict
oai_formats_unknown(struct oai_run *r)
{
	if (!r->format_refused)
		return oai_over(r);
	r->know.formats_asked = 1;
	r->last_err = r->asked_why;
	return oai_list_fail(r);
}

enum harvest_verdict
oai_formats_judged(struct oai_run *r, const struct page_facts *f)
{
	const char *format = find_format(r, f);
	struct buf names;

	buf_init(&names, 512);
	offered(&names, f, false);
	kv_set_clean(&r->know.facts, "formats", buf_str(&names));
	r->know.formats_asked = 1;
	if (format == NULL)
		oai_say(r, ERR_PROTO, 0,
		    "format \"%.100s\" is not offered; offered: %s",
		    r->source->format, buf_str(&names));
	buf_release(&names);
	if (format == NULL)
		return oai_over(r);
	/* Refused although it is offered: the list will say so once more. */
	free(r->know.format);
	r->know.format = xstrdup(format);
	oai_list_begin(r, r->head.list);
	return f->errors.count > 0 ? HARVEST_ABORT : HARVEST_COMMIT;
}

void
oai_sets_unknown(struct oai_run *r)
{
	r->know.sets_asked = 1;
	if (!r->set_refused) {
		oai_window_next(r);
		return;
	}
	r->last_err = r->asked_why;
	oai_list_fail(r);
}

enum harvest_verdict
oai_sets_judged(struct oai_run *r, const struct page_facts *f)
{
	const char *set = oai_set(r, &r->head);
	bool whole = f->token == NULL || f->token[0] == '\0', found = false;
	struct buf names;

	r->know.sets_asked = 1;
	for (size_t i = 0; i < f->sets.count && !found; i++)
		found = strcmp(f->sets.items[i].spec, set) == 0;
	if (found || !whole) {
		oai_sets_unknown(r);
		return HARVEST_COMMIT;
	}
	buf_init(&names, 512);
	offered(&names, f, true);
	oai_say(r, ERR_PROTO, 0, "set \"%.100s\" is not offered; offered: %s",
	    set, buf_str(&names));
	buf_release(&names);
	oai_list_fail(r);
	return HARVEST_COMMIT;
}
