/* The verbs of sheafctl that ask the database, and those that enter what
 * operators decide: cmd_VERB.c. */
#ifndef SHEAF_QUERY_VERBS_H
#define SHEAF_QUERY_VERBS_H

#include "base/verb.h"

extern const struct verb verb_changes;
extern const struct verb verb_coverage;
extern const struct verb verb_decisions;
extern const struct verb verb_gaps;
extern const struct verb verb_hide;
extern const struct verb verb_history;
extern const struct verb verb_link;
extern const struct verb verb_purge;
extern const struct verb verb_quarantine;
extern const struct verb verb_raw;
extern const struct verb verb_records;
extern const struct verb verb_review;
extern const struct verb verb_runs;
extern const struct verb verb_search;
extern const struct verb verb_set;
extern const struct verb verb_show;
extern const struct verb verb_status;
extern const struct verb verb_synergy;
extern const struct verb verb_unlink;

#endif
