/* What the crosswalk's files share. */
#ifndef SHEAF_CROSSWALK_INTERNAL_H
#define SHEAF_CROSSWALK_INTERNAL_H

#include "base/limits.h"
#include "crosswalk/crosswalk.h"
#include "crosswalk/dates.h"

struct dc_rule;
typedef void (*dc_handler)(struct crosswalk *x, const struct dc_rule *rule,
    const struct meta_element *e);

/* One row of the table in dc.c. */
struct dc_rule {
	const char *element; /* local name */
	dc_handler take;
	const char *role; /* of the value: a role, a relation's type */
};

/* What a feed says for all of its items; in the page's arena. */
struct feed_defaults {
	bool is_atom;
	const char *lang, *base, *publisher, *author, *rights;
};

struct crosswalk {
	struct crosswalk_config config;
	struct feed_defaults feed;
	bool is_plain_ok; /* elements without Dublin Core's namespace count */
	struct buf html;
	/* the record in hand */
	struct record *r;
	struct arena *a;
	const char *last_ns; /* of the last wants(), and what it said */
	bool last_is_dc;
	bool is_kind_vague; /* from "Text" and the like */
	/* subjects that stand for no code, by their hashes (settle_codes.c) */
	uint64_t *no_code;
	const char *label; /* what the next description is, NULL: unknown */
};

/* Appends to a list of the record in hand, or warns that it is full. */
#define ADD(x, list)                                                           \
	((__typeof__((x)->r->list.items))or_warn(                              \
	    (x), record_add((x)->a, &(x)->r->list), #list))
/* A list that takes no more is not searched for what stands in it already
 * either: so many values by so many would take minutes. */
#define IS_FULL(x, list) ((x)->r->list.count >= LIMIT_VALUES_PER_FIELD)
void *or_warn(struct crosswalk *x, void *item, const char *list);

/* The element's text as one line or as paragraphs, HTML removed; NULL when
 * there is nothing or a placeholder. */
const char *element_line(struct crosswalk *x, const struct meta_element *e);
const char *
element_paragraphs(struct crosswalk *x, const struct meta_element *e);
const char *element_lang(struct crosswalk *x, const struct meta_element *e);

/* take_text.c */
void take_title(
    struct crosswalk *, const struct dc_rule *, const struct meta_element *);
void take_marc_title(
    struct crosswalk *, const struct dc_rule *, const struct meta_element *);
void take_abstract(
    struct crosswalk *, const struct dc_rule *, const struct meta_element *);
void take_subject(
    struct crosswalk *, const struct dc_rule *, const struct meta_element *);
void take_agent(
    struct crosswalk *, const struct dc_rule *, const struct meta_element *);
void take_rights(
    struct crosswalk *, const struct dc_rule *, const struct meta_element *);
/* take_code.c */
void take_type(
    struct crosswalk *, const struct dc_rule *, const struct meta_element *);
void take_language(
    struct crosswalk *, const struct dc_rule *, const struct meta_element *);
void take_coverage(
    struct crosswalk *, const struct dc_rule *, const struct meta_element *);
/* take_id.c */
void take_identifier(
    struct crosswalk *, const struct dc_rule *, const struct meta_element *);
void take_relation(
    struct crosswalk *, const struct dc_rule *, const struct meta_element *);
void take_source(
    struct crosswalk *, const struct dc_rule *, const struct meta_element *);
void add_link(struct crosswalk *x, const char *url, const char *role);
const char *link_role(const char *url); /* landing, full-text, image */
/* "Title;number" → container; false when it is not of that form. */
bool take_series(struct crosswalk *x, const char *text);
/* take_date.c */
void take_date(
    struct crosswalk *, const struct dc_rule *, const struct meta_element *);
/* Gives the dates that came without a role theirs (end of the record). */
void settle_dates(struct crosswalk *x);

#endif
