/* The acting verbs of sheafctl, each in a file of its own: cmd_VERB.c. */
#ifndef SHEAF_CONTROL_VERBS_H
#define SHEAF_CONTROL_VERBS_H

#include "base/verb.h"

extern const struct verb verb_approve;
extern const struct verb verb_check;
extern const struct verb verb_harvest;
extern const struct verb verb_pause;
extern const struct verb verb_reject;
extern const struct verb verb_reload;
extern const struct verb verb_resume;
extern const struct verb verb_retire;

#endif
