/*
 * The examination: what kind of endpoint it is.  What is asked of an OAI-PMH
 * repository is in doctor_oai.c and doctor_lists.c, what of a feed in
 * doctor_feed.c and its neighbours, what of a static repository in
 * doctor_static.c, the tools of all in doctor_exam.c, the way
 * a question goes in doctor_ask.c; how the report is printed, in cmd_check.c.
 */
#include "control/doctor_exam.h"

#include <string.h>

#include "base/limits.h"
#include "sched/answer.h"

/* Asks for the address as it is: what comes shows who speaks here.  What is
 * neither a feed nor a page that names one may still be a repository, which
 * says so to Identify only. */
static void
find_out(struct exam *x)
{
	struct doctor_answer a;
	struct buf what;

	if (!exam_get(x, &a, x->source->url)) {
		doctor_answer_release(&a);
		return;
	}
	if (a.err_class != ERR_NONE && a.status == 0) {
		exam_say(x, DOCTOR_PROBLEM, "address", "%s",
		    exam_document_trouble(x, &a));
	} else if (a.parsed && a.facts.body == BODY_STATIC) {
		exam_static(x);
	} else if (a.parsed &&
		   (a.facts.body == BODY_FEED || a.facts.offers.count > 0)) {
		exam_feed(x, &a);
	} else {
		exam_oai(x);
		buf_init(&what, 4 * KIB);
		body_words(&what, &a.facts);
		if (!x->report->identified && a.parsed)
			exam_say(x, DOCTOR_NOTE, "address",
			    "asked as it is, it gives %s (status %u): no feed, "
			    "and no page that names one",
			    buf_str(&what), a.status);
		buf_release(&what);
	}
	doctor_answer_release(&a);
}

int
doctor_examine(struct doctor_report *report, struct doctor_asker *asker,
    const struct doctor_subject *subject, struct err *e)
{
	const struct conf_source *source = subject->source;
	struct exam x = {.report = report,
	    .asker = asker,
	    .source = source,
	    .question = {.source = source,
		.protocol = PROTOCOL_FEED,
		.format = source->format,
		.from = "",
		.until = "",
		.set = "",
		.etag = "",
		.last_modified = "",
		.secrets = subject->secrets,
		.secret_count = subject->secret_count,
		.secret_bits = subject->secret_bits},
	    .e = e};

	memset(report, 0, sizeof(*report));
	arena_init(&report->arena, 0);
	buf_init(&x.url, LIMIT_URL_BYTES);
	report->protocol = PROTOCOL_NONE;
	if (source->protocol == PROTOCOL_OAI_STATIC)
		exam_static(&x);
	else if (subject->find_out)
		find_out(&x);
	else if (source->protocol == PROTOCOL_FEED)
		exam_feed(&x, NULL);
	else
		exam_oai(&x);
	buf_release(&x.url);
	return x.broken ? -1 : 0;
}
