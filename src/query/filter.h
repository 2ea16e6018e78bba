/* What search is narrowed by: options of the command line as the filter of
 * registry.search. */
#ifndef SHEAF_QUERY_FILTER_H
#define SHEAF_QUERY_FILTER_H

#include "base/verb.h"

/* For the table of a verb's options. */
#define FILTER_OPTIONS                                                         \
	{"kind", "KIND,…", "of one of these kinds"},                           \
	    {"family", "FAMILY,…", "offer, need, knowledge, activity, actor"}, \
	    {"agency", "AGENCY,…", "listed by one of these"},                  \
	    {"sector", "SECTOR,…", "in one of these sectors"},                 \
	    {"country", "COUNTRY,…",                                           \
		"of one of these countries or groups, whatever their role"},   \
	    {"reach", "COUNTRY,…", "that are for one of these countries"},     \
	    {"sdg", "GOAL,…", "for one of these goals or targets"},            \
	    {"language", "LANGUAGE,…", "in one of these languages"},           \
	    {"status", "STATUS,…",                                             \
		"open, closed, fulfilled, planned, active, ended"},            \
	    {"issued", "SPAN",                                                 \
		"issued in a span: 2024, 2020..2024-06, 2024.."},              \
	{                                                                      \
		"deadline", "SPAN", "with a deadline in a span"                \
	}

/* The options as JSON.  Owned by the caller. */
char *filter_json(const struct verb_ctx *ctx);

#endif
