/*
 * What the parts of the endpoint doctor share: one examination, and the tools
 * to ask, to judge an answer and to write the report.
 */
#ifndef SHEAF_CONTROL_DOCTOR_EXAM_H
#define SHEAF_CONTROL_DOCTOR_EXAM_H

#include "base/buf.h"
#include "base/date.h"
#include "control/doctor.h"

enum { DOCTOR_SLOW_MS = 5000 };

struct exam {
	struct doctor_report *report;
	struct doctor_asker *asker;
	struct doctor_question
	    question; /* source and secrets; the rest varies */
	const struct conf_source *source;
	const char *format; /* prefix in use */
	enum granularity granularity;
	struct buf url;
	const char *address; /* of a feed or a file: where it was found */
	struct err *e;
	bool broken; /* a role is gone: nothing more can be asked */
};

/* A line of the report; `topic` is a literal. */
void exam_say(struct exam *x, enum doctor_level level, const char *topic,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* A setting, in place of one of that key; `key` is a literal, the text says
 * why. */
void exam_advise(struct exam *x, const char *key, const char *value,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The settings of a configured source that no answer changes, so that the block
 * can stand in its place: sets, keep, crosswalk, kind and licence. */
void exam_configured(struct exam *x);

/* Asks `verb` with arguments (name, value, …, NULL; one without a value is
 * left out).  False when nothing can be asked any more.  Release *out in any
 * case. */
bool exam_ask(struct exam *x, struct doctor_answer *out, const char *verb, ...)
    __attribute__((sentinel));
/* The code of the first OAI-PMH error of an answer, or "". */
const char *exam_error(const struct doctor_answer *a);
/* Why an answer is no good page, as a sentence; NULL when it is one. */
const char *exam_trouble(struct exam *x, const struct doctor_answer *a);

/* Asks for an address as it is; as exam_ask(). */
bool exam_get(struct exam *x, struct doctor_answer *out, const char *url);
/* A number for programs; `group` and `name` are literals, or live as long as
 * the report. */
void
exam_figure(struct exam *x, const char *group, const char *name, int64_t value);
void exam_tls(struct exam *x, const char *url);

/* The first of the live records. */
void exam_previews(struct exam *x, const struct doctor_answer *a);
/* doctor_preview.c: what would be stored of a record. */
void exam_preview(struct exam *x, const struct record *r);

/* doctor_oai.c: a repository, from Identify on. */
void exam_oai(struct exam *x);
/* The parts of doctor_lists.c: a page, its token, its dates; wrong requests. */
void exam_lists(struct exam *x);
void exam_errors(struct exam *x);

/* doctor_feed.c: a feed, or a page that names one.  `first` is what the
 * source's address gave, or NULL: it is asked. */
void exam_feed(struct exam *x, const struct doctor_answer *first);
/* Why an answer is no feed, or no static repository where that was asked for,
 * as a sentence; NULL when it is one. */
const char *
exam_document_trouble(struct exam *x, const struct doctor_answer *a);
/* The way to it: TLS, redirects, speed, compression. */
void exam_way(struct exam *x, const struct doctor_answer *a);
/* doctor_static.c: a static repository, as a file or by HTTP. */
void exam_static(struct exam *x);
/* doctor_items.c: how clean its items are, which fields they fill, how they
 * are told apart. */
void exam_items(struct exam *x, const struct doctor_answer *a);
/* doctor_rhythm.c: how often it changes, and is asked. */
void exam_rhythm(struct exam *x, const struct doctor_answer *a);
/* doctor_poll.c: asked again, does it say that nothing has changed?  Are its
 * items the same ones? */
void exam_poll(struct exam *x, const struct doctor_answer *first);
/* What leads to older items: archives, pages. */
void exam_older(struct exam *x, const struct doctor_answer *first);

#endif
