/* The acting verbs of sheafctl, each in a file of its own: cmd_VERB.c. */
#ifndef SHEAF_CONTROL_VERBS_H
#define SHEAF_CONTROL_VERBS_H

#include "base/buf.h"
#include "base/verb.h"

/* How check has the vocabularies of a configuration (its vocab_dir) compiled
 * for its parser: a sealed descriptor, or -1 with mistakes, a line each.  Set
 * by the program; NULL: no value is mapped. */
extern int (*check_open_rules)(const char *vocab_dir, struct buf *mistakes);

extern const struct verb verb_approve;
extern const struct verb verb_check;
extern const struct verb verb_harvest;
extern const struct verb verb_pause;
extern const struct verb verb_reject;
extern const struct verb verb_reload;
extern const struct verb verb_resume;
extern const struct verb verb_retire;

#endif
