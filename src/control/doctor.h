/*
 * The endpoint doctor: asks a repository or a feed what a harvest would ask,
 * and says in plain words what it found, what the agency could mend, and which
 * settings Sheaf advises.  Reads only; at most about a dozen requests, one
 * after the other.
 */
#ifndef SHEAF_CONTROL_DOCTOR_H
#define SHEAF_CONTROL_DOCTOR_H

#include "base/arena.h"
#include "config/config.h"
#include "control/doctor_ask.h"

enum doctor_level {
	DOCTOR_OK, /* as it should be */
	DOCTOR_NOTE, /* worth knowing; Sheaf copes */
	DOCTOR_ADVICE, /* a setting, or something to tell the agency */
	DOCTOR_PROBLEM, /* a harvest would fail or lose something */
	DOCTOR_LEVELS
};
const char *doctor_level_name(enum doctor_level level);

struct doctor_finding {
	enum doctor_level level;
	const char *topic; /* "Identify", "formats", "resumption", … */
	const char *text;
};
struct doctor_setting { /* a line for the source's section */
	const char *key, *value, *why;
};

struct doctor_field {
	const char *label, *value;
};
struct doctor_preview { /* of a record */
	const char *json; /* the whole, as in sheaf-record(5) */
	RECORD_LIST(struct doctor_field) fields; /* the most telling ones */
};

struct doctor_figure { /* a number of the report, for programs */
	const char *group, *name; /* "fields", "title": a share in percent */
	int64_t value;
};

struct doctor_report {
	struct arena arena;
	RECORD_LIST(struct doctor_finding) findings;
	RECORD_LIST(struct doctor_setting) settings;
	RECORD_LIST(struct doctor_preview) previews; /* the first records */
	RECORD_LIST(struct doctor_figure) figures; /* by group */
	bool identified; /* it is known what speaks there: settings can be
			    advised */
	enum protocol protocol; /* which; NONE where it is not */
	const char *title; /* what it calls itself, or NULL */
	unsigned requests;
};

struct doctor_subject {
	const struct conf_source *source;
	bool find_out; /* its protocol is not known: see what answers */
	/* as in struct doctor_question */
	const int *secrets;
	size_t secret_count;
	uint32_t secret_bits;
};
/* 0 with *report filled, or -1 when the roles could not be run. */
int doctor_examine(struct doctor_report *report, struct doctor_asker *asker,
    const struct doctor_subject *subject, struct err *e);
/* What stands in sources.d for it: a section of the source, ready to paste, and
 * where it is_new one of an agency, both with names that can be changed. */
void doctor_block(struct buf *out, const struct doctor_report *r,
    const struct conf_source *s, bool is_new, struct arena *a);
/* DOCTOR_PROBLEM when there is any, else the worst. */
enum doctor_level doctor_worst(const struct doctor_report *report);
void doctor_report_release(struct doctor_report *report);

#endif
