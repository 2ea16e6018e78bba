/*
 * The examination: which questions are asked, and what the answers mean.
 * How a question is asked stands in doctor_ask.c; how the report is printed,
 * with the programs.
 */
#include "control/doctor.h"

#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/url.h"

enum {
	PREVIEWS = 3,
	SLOW_MS = 5000,
	SKEW_US = 600 * 1000000, /* a clock that is off by more is named */
	SETS_NAMED = 5,
};

struct exam {
	struct doctor_report *report;
	struct doctor_asker *asker;
	struct doctor_question
	    question; /* source and secrets; the rest varies */
	const struct conf_source *source;
	const char *format; /* prefix in use */
	enum granularity granularity;
	struct buf url;
	struct err *e;
	bool broken; /* a role is gone: nothing more can be asked */
};

const char *
doctor_level_name(enum doctor_level level)
{
	static const char *const names[DOCTOR_LEVELS] = {
	    "ok", "note", "advice", "problem"};

	return names[level];
}

enum doctor_level
doctor_worst(const struct doctor_report *report)
{
	enum doctor_level worst = DOCTOR_OK;

	for (size_t i = 0; i < report->findings.count; i++)
		if (report->findings.items[i].level > worst)
			worst = report->findings.items[i].level;
	return worst;
}

void
doctor_report_release(struct doctor_report *report)
{
	arena_release(&report->arena);
}

static char *
text_v(struct exam *x, const char *fmt, va_list ap)
{
	struct buf b;
	char *s;

	buf_init(&b, 4 * KIB);
	buf_vprintf(&b, fmt, ap);
	s = arena_strdup(&x->report->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

static void __attribute__((format(printf, 4, 5))) say(struct exam *x,
    enum doctor_level level, const char *topic, const char *fmt, ...)
{
	struct doctor_finding *f =
	    record_add(&x->report->arena, &x->report->findings);
	va_list ap;

	if (f == NULL)
		return;
	va_start(ap, fmt);
	*f = (struct doctor_finding){level, topic, text_v(x, fmt, ap)};
	va_end(ap);
}

static void __attribute__((format(printf, 4, 5)))
advise(struct exam *x, const char *key, const char *value, const char *fmt, ...)
{
	struct doctor_setting *s =
	    record_add(&x->report->arena, &x->report->settings);
	va_list ap;

	if (s == NULL)
		return;
	va_start(ap, fmt);
	s->key = key;
	s->value = arena_strdup(&x->report->arena, value);
	s->why = text_v(x, fmt, ap);
	va_end(ap);
}

/* Asks `verb` with arguments (name, value, …, NULL).  False when nothing can
 * be asked any more. */
static bool __attribute__((sentinel))
ask(struct exam *x, struct doctor_answer *out, const char *verb, ...)
{
	const char *name, *value;
	va_list ap;

	memset(out, 0, sizeof(*out));
	if (x->broken)
		return false;
	buf_clear(&x->url);
	buf_printf(&x->url, "%s%sverb=%s", x->source->url,
	    strchr(x->source->url, '?') != NULL ? "&" : "?", verb);
	va_start(ap, verb);
	while ((name = va_arg(ap, const char *)) != NULL) {
		value = va_arg(ap, const char *);
		if (value == NULL || *value == '\0')
			continue;
		buf_printf(&x->url, "&%s=", name);
		url_encode(&x->url, value, strlen(value));
	}
	va_end(ap);
	x->question.url = buf_str(&x->url);
	x->report->requests++;
	if (doctor_ask(x->asker, &x->question, out, x->e) != 0)
		x->broken = true;
	return !x->broken;
}

static const char *
first_error(const struct doctor_answer *a)
{
	return a->parsed && a->facts.errors.count > 0
		   ? a->facts.errors.items[0].code
		   : "";
}

/* Why an answer is no good page, as a sentence; NULL when it is one. */
static const char *
trouble(struct exam *x, const struct doctor_answer *a)
{
	struct arena *m = &x->report->arena;

	if (a->err_class != ERR_NONE)
		return arena_printf(
		    m, "%s: %s", err_class_name(a->err_class), a->err_text);
	if (a->parsed && a->facts.err_class != ERR_NONE)
		return arena_printf(
		    m, "status %u, %s", a->status, a->facts.err_text);
	if (a->parsed && a->facts.body == BODY_OAI)
		return NULL;
	return arena_printf(
	    m, "status %u without an OAI-PMH answer", a->status);
}

static void
check_clock(struct exam *x, const struct page_facts *f)
{
	int64_t then, off;
	enum granularity g;
	char text[32];

	if (f->response_date == NULL ||
	    date_parse(f->response_date, &then, &g) != 0) {
		say(x, DOCTOR_NOTE, "Identify",
		    "responseDate is missing or no date; our own clock is "
		    "used");
		return;
	}
	off = then - date_now_us();
	if (off > -SKEW_US && off < SKEW_US)
		return;
	str_duration(text, sizeof(text), (off < 0 ? -off : off) / 1000);
	say(x, DOCTOR_NOTE, "Identify", "the server's clock is %s %s ours",
	    text, off < 0 ? "behind" : "ahead of");
}

static void
check_base_url(struct exam *x, const struct doctor_answer *a)
{
	const char *says = a->facts.base_url;

	if (a->moved_url != NULL && *a->moved_url != '\0') {
		say(x, DOCTOR_ADVICE, "Identify",
		    "the address has moved for good to %s", a->moved_url);
		char *base = arena_strdup(&x->report->arena, a->moved_url);
		base[strcspn(base, "?")] = '\0';
		advise(x, "url", base, "it answered 301 or 308");
	}
	if (says != NULL && *says != '\0' && strcmp(says, x->source->url) != 0)
		say(x, DOCTOR_NOTE, "Identify",
		    "the server calls itself %s; the address that you gave is "
		    "used",
		    says);
}

static void
check_identity(struct exam *x, const struct doctor_answer *a)
{
	const struct page_facts *f = &a->facts;
	const char *deleted = f->deleted_record;

	say(x, DOCTOR_OK, "Identify", "%s, OAI-PMH %s, %s%s",
	    f->repository_name != NULL ? f->repository_name : "(no name)",
	    f->protocol_version != NULL ? f->protocol_version : "(no version)",
	    a->server != NULL && *a->server != '\0' ? "served by " : "",
	    a->server != NULL ? a->server : "");
	x->granularity = f->granularity != NULL && strchr(f->granularity, 'T')
			     ? GRANULARITY_SECOND
			     : GRANULARITY_DAY;
	say(x, DOCTOR_OK, "Identify", "granularity %s, earliest datestamp %s",
	    f->granularity != NULL ? f->granularity : "not given",
	    f->earliest_datestamp != NULL ? f->earliest_datestamp
					  : "not given");
	if (deleted == NULL || strcmp(deleted, "persistent") != 0)
		say(x, DOCTOR_NOTE, "Identify",
		    "deletions: %s; what vanishes is found by comparing the "
		    "whole list (complete, grace)",
		    deleted != NULL ? deleted : "not given");
	if (strncmp(x->source->url, "http:", 5) == 0)
		say(x, DOCTOR_NOTE, "TLS",
		    "plain http: what is harvested can be changed on the way");
	else
		say(x, DOCTOR_OK, "TLS", "the certificate was verified");
	if (a->total_ms > SLOW_MS)
		say(x, DOCTOR_NOTE, "speed", "Identify took %u ms",
		    a->total_ms);
	check_clock(x, f);
	check_base_url(x, a);
}

static bool
check_identify(struct exam *x)
{
	struct doctor_answer a;
	const char *why;
	bool good = false;

	if (ask(x, &a, "Identify", NULL)) {
		why = trouble(x, &a);
		good = why == NULL;
		if (good)
			check_identity(x, &a);
		else
			say(x, DOCTOR_PROBLEM, "Identify",
			    "%s; without it nothing is harvested", why);
		if (a.facts.recovered)
			say(x, DOCTOR_NOTE, "bytes",
			    "the answer had to be repaired to be read");
	}
	doctor_answer_release(&a);
	return good;
}

/* The prefix that a harvest would use: what is configured, as prefix,
 * namespace or schema, else oai_dc, else the first. */
static const struct facts_format *
choose_format(const struct exam *x, const struct page_facts *f)
{
	const char *want = x->source->format;

	for (size_t i = 0; i < f->formats.count; i++) {
		const struct facts_format *m = &f->formats.items[i];
		if (*want == '\0'
			? strcmp(m->prefix, "oai_dc") == 0
			: strcmp(m->prefix, want) == 0 ||
			      (m->ns != NULL && strcmp(m->ns, want) == 0) ||
			      (m->schema != NULL &&
				  strcmp(m->schema, want) == 0))
			return m;
	}
	return *want == '\0' && f->formats.count > 0 ? &f->formats.items[0]
						     : NULL;
}

static void
check_formats(struct exam *x)
{
	struct doctor_answer a;
	const struct facts_format *m;
	struct buf names;
	const char *why;

	x->format = *x->source->format != '\0' ? x->source->format : "oai_dc";
	if (!ask(x, &a, "ListMetadataFormats", NULL)) {
		doctor_answer_release(&a);
		return;
	}
	why = trouble(x, &a);
	buf_init(&names, 4 * KIB);
	for (size_t i = 0; i < a.facts.formats.count; i++)
		buf_printf(&names, "%s%s", i > 0 ? ", " : "",
		    a.facts.formats.items[i].prefix);
	m = why == NULL ? choose_format(x, &a.facts) : NULL;
	if (why != NULL)
		say(x, DOCTOR_PROBLEM, "formats", "%s", why);
	else if (m == NULL)
		say(x, DOCTOR_PROBLEM, "formats",
		    "%s is not offered; there are %s", x->format,
		    buf_str(&names));
	else
		say(x, DOCTOR_OK, "formats", "%s; harvested as %s",
		    buf_str(&names), m->prefix);
	if (m != NULL) {
		x->format = arena_strdup(&x->report->arena, m->prefix);
		advise(x, "format", x->format, "offered by the server");
	}
	buf_release(&names);
	doctor_answer_release(&a);
}

static void
check_sets(struct exam *x)
{
	struct doctor_answer a;
	struct buf names;

	if (!ask(x, &a, "ListSets", NULL)) {
		doctor_answer_release(&a);
		return;
	}
	buf_init(&names, 4 * KIB);
	for (size_t i = 0; i < a.facts.sets.count && i < SETS_NAMED; i++)
		buf_printf(&names, "%s%s", i > 0 ? ", " : "",
		    a.facts.sets.items[i].spec);
	if (strcmp(first_error(&a), "noSetHierarchy") == 0)
		say(x, DOCTOR_OK, "sets", "none");
	else if (trouble(x, &a) != NULL)
		say(x, DOCTOR_NOTE, "sets", "%s", trouble(x, &a));
	else
		say(x, DOCTOR_OK, "sets", "%zu%s on the first page: %s%s",
		    a.facts.sets.count, a.facts.has_token ? " or more" : "",
		    buf_str(&names),
		    a.facts.sets.count > SETS_NAMED ? ", …" : "");
	buf_release(&names);
	doctor_answer_release(&a);
}

static void
preview(struct exam *x, const struct doctor_answer *a)
{
	struct buf b;
	unsigned shown = 0;

	buf_init(&b, LIMIT_DOC_BYTES);
	for (size_t i = 0; i < a->records.count && shown < PREVIEWS; i++) {
		if (a->records.items[i].deleted)
			continue;
		buf_clear(&b);
		record_json(&b, &a->records.items[i], false);
		const char **slot =
		    record_add(&x->report->arena, &x->report->previews);
		if (slot != NULL)
			*slot = arena_strdup(&x->report->arena, buf_str(&b));
		shown++;
	}
	buf_release(&b);
}

static void
check_page(struct exam *x, const struct doctor_answer *a)
{
	const struct page_facts *f = &a->facts;
	char size[32];

	str_bytes(size, sizeof(size), a->body_bytes);
	say(x, DOCTOR_OK, "records",
	    "%llu on the first page (%llu deleted), %s, in %u ms",
	    (unsigned long long)f->records, (unsigned long long)f->deleted,
	    size, a->total_ms);
	if (f->list_size >= 0)
		say(x, DOCTOR_OK, "records", "%lld in all, says the server",
		    (long long)f->list_size);
	if (f->rejected > 0)
		say(x, DOCTOR_ADVICE, "records",
		    "%llu cannot be read, the first: %s",
		    (unsigned long long)f->rejected,
		    a->rejects.count > 0 ? a->rejects.items[0].reason : "?");
	if (f->recovered)
		say(x, DOCTOR_NOTE, "bytes",
		    "%llu repairs were needed to read the page; tell the "
		    "agency: %s",
		    (unsigned long long)f->repairs,
		    f->warnings.count > 0 ? f->warnings.items[0].text
					  : "bytes that XML forbids");
	if (a->total_ms > SLOW_MS)
		say(x, DOCTOR_NOTE, "speed", "a page takes %u ms", a->total_ms);
	preview(x, a);
}

/* Follows the token, twice: it must go on, and give the same page again. */
static void
check_resumption(struct exam *x, const struct doctor_answer *first)
{
	struct doctor_answer a, b;
	const char *why;

	if (!first->facts.has_token || first->facts.token == NULL ||
	    *first->facts.token == '\0') {
		say(x, DOCTOR_OK, "resumption", "the whole list is one page");
		return;
	}
	if (!ask(x, &a, "ListRecords", "resumptionToken", first->facts.token,
		NULL)) {
		doctor_answer_release(&a);
		return;
	}
	why = trouble(x, &a);
	if (why == NULL && *first_error(&a) != '\0')
		why = first_error(&a);
	if (why != NULL) {
		say(x, DOCTOR_PROBLEM, "resumption",
		    "its token is not accepted: %s", why);
		advise(x, "window", "month", "lists of one page need no token");
	} else if (memcmp(a.facts.ids_hash, first->facts.ids_hash,
		       HASH128_BYTES) == 0) {
		say(x, DOCTOR_PROBLEM, "resumption",
		    "the token gives the first page again");
		advise(x, "window", "month", "tokens do not go on");
	} else if (ask(x, &b, "ListRecords", "resumptionToken",
		       first->facts.token, NULL)) {
		bool same = memcmp(a.facts.ids_hash, b.facts.ids_hash,
				HASH128_BYTES) == 0;
		say(x, same ? DOCTOR_OK : DOCTOR_NOTE, "resumption",
		    same ? "the token goes on, and gives the same page again"
			 : "the token goes on, but only once: a harvest that "
			   "is interrupted begins its window again");
		doctor_answer_release(&b);
	}
	doctor_answer_release(&a);
}

/* Asks from the last datestamp of the page on: is `from` obeyed, and in the
 * granularity that Identify promised? */
static void
check_granularity(struct exam *x, const struct doctor_answer *first)
{
	struct doctor_answer a;
	char from[DATE_TEXT_BYTES];
	enum granularity g;
	int64_t at;

	if (first->facts.max_datestamp == NULL ||
	    date_parse(first->facts.max_datestamp, &at, &g) != 0)
		return;
	if (g == GRANULARITY_SECOND && x->granularity == GRANULARITY_DAY)
		say(x, DOCTOR_NOTE, "dates",
		    "datestamps have seconds though Identify says days");
	if (g == GRANULARITY_DAY && x->granularity == GRANULARITY_SECOND)
		say(x, DOCTOR_NOTE, "dates",
		    "datestamps are days though Identify says seconds");
	date_format(from, at, x->granularity);
	x->question.from = arena_strdup(&x->report->arena, from);
	if (ask(x, &a, "ListRecords", "metadataPrefix", x->format, "from", from,
		NULL)) {
		if (strcmp(first_error(&a), "badArgument") == 0)
			say(x, DOCTOR_NOTE, "dates",
			    "from=%s is refused; a harvest falls back to days",
			    from);
		else if (trouble(x, &a) != NULL)
			say(x, DOCTOR_PROBLEM, "dates", "from=%s: %s", from,
			    trouble(x, &a));
		else if (a.facts.outside_window > 0)
			say(x, DOCTOR_PROBLEM, "dates",
			    "from=%s gives %llu of %llu records that are "
			    "older: every harvest is a full one",
			    from, (unsigned long long)a.facts.outside_window,
			    (unsigned long long)a.facts.records);
		else
			say(x, DOCTOR_OK, "dates", "from=%s is obeyed", from);
	}
	x->question.from = "";
	doctor_answer_release(&a);
}

static void
check_errors(struct exam *x)
{
	struct doctor_answer a;

	if (ask(x, &a, "ListRecords", "resumptionToken", "no-such-token", NULL))
		say(x,
		    strcmp(first_error(&a), "badResumptionToken") == 0
			? DOCTOR_OK
			: DOCTOR_NOTE,
		    "errors", "a wrong token is answered by %s (status %u)",
		    *first_error(&a) != '\0' ? first_error(&a)
					     : "no OAI-PMH error",
		    a.status);
	doctor_answer_release(&a);
	if (ask(x, &a, "Sheaf", NULL))
		say(x,
		    strcmp(first_error(&a), "badVerb") == 0 ? DOCTOR_OK
							    : DOCTOR_NOTE,
		    "errors", "a wrong verb is answered by %s (status %u)",
		    *first_error(&a) != '\0' ? first_error(&a)
					     : "no OAI-PMH error",
		    a.status);
	doctor_answer_release(&a);
}

static void
check_lists(struct exam *x)
{
	struct doctor_answer a;
	const char *why;
	const char *set = x->source->sets != NULL && x->source->sets[0] != NULL
			      ? x->source->sets[0]
			      : "";

	x->question.set = set;
	if (!ask(x, &a, "ListRecords", "metadataPrefix", x->format, "set", set,
		NULL)) {
		doctor_answer_release(&a);
		return;
	}
	why = trouble(x, &a);
	if (why != NULL) {
		say(x, DOCTOR_PROBLEM, "records", "ListRecords: %s", why);
		advise(
		    x, "verb_mode", "identifiers", "ListRecords does not work");
	} else if (*first_error(&a) != '\0') {
		say(x, DOCTOR_PROBLEM, "records", "ListRecords: %s (%s)",
		    first_error(&a), a.facts.errors.items[0].text);
	} else {
		check_page(x, &a);
		check_resumption(x, &a);
		x->question.set = "";
		check_granularity(x, &a);
	}
	x->question.set = "";
	doctor_answer_release(&a);
}

int
doctor_examine(struct doctor_report *report, struct doctor_asker *asker,
    const struct conf_source *source, const int *secrets, size_t secret_count,
    uint32_t secret_bits, struct err *e)
{
	struct exam x = {.report = report,
	    .asker = asker,
	    .source = source,
	    .question = {.source = source,
		.format = source->format,
		.from = "",
		.until = "",
		.set = "",
		.secrets = secrets,
		.secret_count = secret_count,
		.secret_bits = secret_bits},
	    .e = e};

	memset(report, 0, sizeof(*report));
	arena_init(&report->arena, 0);
	buf_init(&x.url, LIMIT_URL_BYTES);
	if (check_identify(&x)) {
		check_formats(&x);
		x.question.format = x.format;
		check_sets(&x);
		check_lists(&x);
		check_errors(&x);
	}
	buf_release(&x.url);
	return x.broken ? -1 : 0;
}
