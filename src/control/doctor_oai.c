/*
 * The examination of an OAI-PMH repository: what it says about itself
 * (Identify, formats, sets), and what that means.  Its lists are in
 * doctor_lists.c.
 */
#include "control/doctor_exam.h"

#include <string.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/str.h"

enum {
	SKEW_US = 600 * 1000000, /* a clock that is off by more is named */
	SETS_NAMED = 5,
};

static void
check_clock(struct exam *x, const struct page_facts *f)
{
	int64_t then, off;
	enum granularity g;
	char text[32];

	if (f->response_date == NULL ||
	    date_parse(f->response_date, &then, &g) != 0) {
		exam_say(x, DOCTOR_NOTE, "Identify",
		    "responseDate is missing or no date; our own clock is "
		    "used");
		return;
	}
	off = then - date_now_us();
	if (off > -SKEW_US && off < SKEW_US)
		return;
	str_duration(text, sizeof(text), (off < 0 ? -off : off) / 1000);
	exam_say(x, DOCTOR_NOTE, "Identify", "the server's clock is %s %s ours",
	    text, off < 0 ? "behind" : "ahead of");
}

static void
check_base_url(struct exam *x, const struct doctor_answer *a)
{
	const char *says = a->facts.base_url;

	if (a->moved_url != NULL && *a->moved_url != '\0') {
		exam_say(x, DOCTOR_ADVICE, "Identify",
		    "the address has moved for good to %s", a->moved_url);
		char *base = arena_strdup(&x->report->arena, a->moved_url);
		base[strcspn(base, "?")] = '\0';
		exam_advise(x, "url", base, "it answered 301 or 308");
	}
	if (says != NULL && *says != '\0' && strcmp(says, x->source->url) != 0)
		exam_say(x, DOCTOR_NOTE, "Identify",
		    "the address that you gave is used; the server calls "
		    "itself %s",
		    says);
}

static void
check_identity(struct exam *x, const struct doctor_answer *a)
{
	const struct page_facts *f = &a->facts;
	const char *deleted = f->deleted_record;

	exam_say(x, DOCTOR_OK, "Identify", "%s, OAI-PMH %s, %s%s",
	    f->repository_name != NULL ? f->repository_name : "(no name)",
	    f->protocol_version != NULL ? f->protocol_version : "(no version)",
	    a->server != NULL && *a->server != '\0' ? "served by " : "",
	    a->server != NULL ? a->server : "");
	x->granularity = f->granularity != NULL && strchr(f->granularity, 'T')
			     ? GRANULARITY_SECOND
			     : GRANULARITY_DAY;
	exam_say(x, DOCTOR_OK, "Identify",
	    "granularity %s, earliest datestamp %s",
	    f->granularity != NULL ? f->granularity : "not given",
	    f->earliest_datestamp != NULL ? f->earliest_datestamp
					  : "not given");
	if (deleted == NULL || strcmp(deleted, "persistent") != 0)
		exam_say(x, DOCTOR_NOTE, "Identify",
		    "deletions: %s; what vanishes is found by comparing the "
		    "whole list (complete, grace)",
		    deleted != NULL ? deleted : "not given");
	exam_tls(x, x->source->url);
	x->report->title =
	    f->repository_name != NULL
		? arena_strdup(&x->report->arena, f->repository_name)
		: NULL;
	if (a->total_ms > DOCTOR_SLOW_MS)
		exam_say(x, DOCTOR_NOTE, "speed", "Identify took %u ms",
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

	if (exam_ask(x, &a, "Identify", NULL)) {
		why = exam_trouble(x, &a);
		good = why == NULL;
		if (good)
			check_identity(x, &a);
		else
			exam_say(x, DOCTOR_PROBLEM, "Identify",
			    "%s; without Identify nothing is harvested", why);
		if (a.facts.recovered)
			exam_say(x, DOCTOR_NOTE, "bytes",
			    "the answer had to be repaired to be read");
	}
	doctor_answer_release(&a);
	return good;
}

static void
check_formats(struct exam *x)
{
	struct doctor_answer a;
	const struct facts_format *m;
	struct buf names;
	const char *why;

	x->format = *x->source->format != '\0' ? x->source->format : "oai_dc";
	if (!exam_ask(x, &a, "ListMetadataFormats", NULL)) {
		doctor_answer_release(&a);
		return;
	}
	why = exam_trouble(x, &a);
	buf_init(&names, 4 * KIB);
	for (size_t i = 0; i < a.facts.formats.count; i++)
		buf_printf(&names, "%s%s", i > 0 ? ", " : "",
		    a.facts.formats.items[i].prefix);
	m = why == NULL ? facts_format_wanted(&a.facts, x->source->format)
			: NULL;
	if (why != NULL)
		exam_say(x, DOCTOR_PROBLEM, "formats", "%s", why);
	else if (m == NULL)
		exam_say(x, DOCTOR_PROBLEM, "formats",
		    "%s is not offered; there are %s", x->format,
		    buf_str(&names));
	else
		exam_say(x, DOCTOR_OK, "formats", "%s; harvested as %s",
		    buf_str(&names), m->prefix);
	if (m != NULL) {
		x->format = arena_strdup(&x->report->arena, m->prefix);
		exam_advise(x, "format", x->format, "offered by the server");
	}
	buf_release(&names);
	doctor_answer_release(&a);
}

static void
check_sets(struct exam *x)
{
	struct doctor_answer a;
	struct buf names;

	if (!exam_ask(x, &a, "ListSets", NULL)) {
		doctor_answer_release(&a);
		return;
	}
	buf_init(&names, 4 * KIB);
	for (size_t i = 0; i < a.facts.sets.count && i < SETS_NAMED; i++)
		buf_printf(&names, "%s%s", i > 0 ? ", " : "",
		    a.facts.sets.items[i].spec);
	if (strcmp(exam_error(&a), "noSetHierarchy") == 0)
		exam_say(x, DOCTOR_OK, "sets", "none");
	else if (exam_trouble(x, &a) != NULL)
		exam_say(x, DOCTOR_NOTE, "sets", "%s", exam_trouble(x, &a));
	else
		exam_say(x, DOCTOR_OK, "sets", "%zu%s on the first page: %s%s",
		    a.facts.sets.count, a.facts.has_token ? " or more" : "",
		    buf_str(&names),
		    a.facts.sets.count > SETS_NAMED ? ", …" : "");
	buf_release(&names);
	doctor_answer_release(&a);
}

void
exam_oai(struct exam *x)
{
	x->question.protocol = PROTOCOL_OAI_PMH;
	x->report->identified = check_identify(x);
	if (!x->report->identified)
		return;
	x->report->protocol = PROTOCOL_OAI_PMH;
	if (x->source->allow_private)
		exam_advise(x, "allow_private", "yes",
		    "as asked: the address may be a private one");
	check_formats(x);
	x->question.format = x->format;
	check_sets(x);
	exam_lists(x);
	exam_errors(x);
}
