/* The reading verbs of sheafctl, each in a file of its own: cmd_VERB.c. */
#ifndef SHEAF_QUERY_VERBS_H
#define SHEAF_QUERY_VERBS_H

#include "base/verb.h"

extern const struct verb verb_quarantine;
extern const struct verb verb_raw;
extern const struct verb verb_records;
extern const struct verb verb_runs;
extern const struct verb verb_show;
extern const struct verb verb_status;

#endif
