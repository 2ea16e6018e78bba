/* The acting verbs of sheafctl, each in a file of its own: cmd_VERB.c. */
#ifndef SHEAF_CONTROL_VERBS_H
#define SHEAF_CONTROL_VERBS_H

#include "base/buf.h"
#include "base/verb.h"

struct config;

/* How check has the vocabularies and crosswalks of a configuration made ready
 * for its parser: the descriptors of PARSE_RULES, or -1 with mistakes, a line
 * each.  preview: the file of a crosswalk that goes before those, or NULL.  Set
 * by the program; NULL: no value is mapped. */
extern int (*check_open_rules)(const struct config *c, const char *preview,
    int rules_fds[2], struct buf *mistakes);

extern const struct verb verb_approve;
extern const struct verb verb_check;
extern const struct verb verb_harvest;
extern const struct verb verb_pause;
extern const struct verb verb_reject;
extern const struct verb verb_reload;
extern const struct verb verb_resume;
extern const struct verb verb_retire;

#endif
