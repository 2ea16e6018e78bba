/* What the crosswalk's files share. */
#ifndef SHEAF_CROSSWALK_INTERNAL_H
#define SHEAF_CROSSWALK_INTERNAL_H

#include "base/limits.h"
#include "crosswalk/crosswalk.h"
#include "crosswalk/dates.h"
#include "crosswalk/taken.h"

/* What a feed says for all of its items; in the page's arena. */
struct feed_defaults {
	bool is_atom;
	const char *lang, *base, *publisher, *author, *rights;
};

/* What an address within the record is called. */
struct keyed_name {
	const char *key, *text;
};

struct keep_filter;
struct crosswalk_run; /* run.h: how far a record's metadata is walked */

/* A rule that waits for the record's names, with what its element held. */
struct opened;
struct late_rule {
	const struct opened *opened;
	const char *text, *lang;
	size_t len;
};

struct crosswalk {
	struct crosswalk_config config;
	struct feed_defaults feed;
	struct crosswalk_run *run;
	struct keep_filter *keep; /* NULL: everything */
	struct buf html;
	/* the record in hand */
	struct record *r;
	struct arena *a;
	size_t compared, parts; /* so far */
	bool is_kind_vague; /* from "Text" and the like */
	/* subjects that stand for no code, by their hashes (settle_codes.c) */
	uint64_t *no_code;
	const char *label; /* what the next description is, NULL: unknown */
	RECORD_LIST(struct keyed_name) names;
	RECORD_LIST(struct late_rule) late;
	bool is_ending; /* the names are known */
};

/* What follows from a record's values once all of them are there. */
void crosswalk_settle(struct crosswalk *x);
/* The last of a record, which is whole: whether it is kept, and if so what
 * duplicates of it are recognised by. */
void crosswalk_finish(struct crosswalk *x);

/* Appends to a list of the record in hand, or warns that it is full. */
#define ADD(x, list)                                                           \
	((__typeof__((x)->r->list.items))or_warn(                              \
	    (x), record_add((x)->a, &(x)->r->list), #list))
/* A list that takes no more is not searched for what stands in it already
 * either: so many values by so many would take minutes. */
#define IS_FULL(x, list) ((x)->r->list.count >= LIMIT_VALUES_PER_FIELD)
/* How many of a list's items are compared with a text that is new: all of them,
 * until the record has had its share (LIMIT_VALUES_COMPARED); then none. */
size_t searched(struct crosswalk *x, size_t count, const char *text);
#define SEARCHED(x, list, text) searched((x), (x)->r->list.count, (text))
/* One more part of a value that is several; false, with a warning, when the
 * record has had its share (LIMIT_VALUE_PARTS). */
bool may_part(struct crosswalk *x);
void *or_warn(struct crosswalk *x, void *item, const char *list);

/* The first part as one line or as paragraphs, HTML removed; NULL when there
 * is nothing or a placeholder. */
const char *taken_line(struct crosswalk *x, const struct taken *v);
const char *taken_paragraphs(struct crosswalk *x, const struct taken *v);
const char *taken_lang(struct crosswalk *x, const struct taken *v);

/* take_text.c */
void take_title(struct crosswalk *x, const struct taken *v);
void take_abstract(struct crosswalk *x, const struct taken *v);
void take_subject(struct crosswalk *x, const struct taken *v);
void take_rights(struct crosswalk *x, const struct taken *v);
void take_access(struct crosswalk *x, const struct taken *v);
/* take_agent.c */
void take_agent(struct crosswalk *x, const struct taken *v);
/* person, organisation, or NULL: "Personal", "Organizational", … */
const char *agent_kind(const char *text);
/* take_code.c */
void take_type(struct crosswalk *x, const struct taken *v);
void take_language(struct crosswalk *x, const struct taken *v);
void take_coverage(struct crosswalk *x, const struct taken *v);
void take_country(struct crosswalk *x, const struct taken *v);
/* take_profile.c */
void take_sector(struct crosswalk *x, const struct taken *v);
void take_sdg(struct crosswalk *x, const struct taken *v);
void take_trl(struct crosswalk *x, const struct taken *v);
void take_ip_status(struct crosswalk *x, const struct taken *v);
void take_status(struct crosswalk *x, const struct taken *v);
/* take_id.c */
void take_identifier(struct crosswalk *x, const struct taken *v);
struct found_id;
/* identifier_find(), and what the scheme that was given makes of it; an ISSN
 * alone is one. */
void take_find(struct crosswalk *x, struct found_id *f, const char *scheme,
    const char *text);
void take_link(struct crosswalk *x, const struct taken *v);
struct rec_link *
add_link(struct crosswalk *x, const char *url, const char *role);
const char *link_role(const char *url); /* landing, full-text, image */
/* "//host/path" or "/path" against the source's address; else NULL. */
const char *absolute(struct crosswalk *x, const char *text);
/* take_relation.c */
void take_relation(struct crosswalk *x, const struct taken *v);
void take_source(struct crosswalk *x, const struct taken *v);
void take_container(struct crosswalk *x, const struct taken *v);
/* "Title;number" → container; false when it is not of that form. */
bool take_series(struct crosswalk *x, const char *text);
/* "Journal 49 (2010) 299" → container; false when it is not of that form.
 * has_to_have_pages: "Report 45 (2018)" may be the thing's own number. */
bool
take_journal(struct crosswalk *x, const char *text, bool has_to_have_pages);
/* take_date.c */
void take_date(struct crosswalk *x, const struct taken *v);
/* Gives the dates that came without a role theirs (end of the record). */
void settle_dates(struct crosswalk *x);
/* take_name.c */
void take_name(struct crosswalk *x, const struct taken *v);
/* Values that are keys become what these are called (end of the record). */
void settle_names(struct crosswalk *x);
/* What this address is called; NULL: the record does not say. */
const char *named(const struct crosswalk *x, const char *key);

/* run.c: an element of Dublin Core by the crosswalk oai_dc, for feeds. */
void
crosswalk_as_dc(struct crosswalk *x, const char *local, const struct taken *v);

#endif
