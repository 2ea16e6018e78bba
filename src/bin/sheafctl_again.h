/* What renormalising a source would do, told without doing it. */
#ifndef SHEAF_BIN_SHEAFCTL_AGAIN_H
#define SHEAF_BIN_SHEAFCTL_AGAIN_H

#include "bin/sheafctl.h"

/* Reads its stored records again by the tables of the configuration, and
 * prints how many would differ, in which fields, and some of them.  An exit
 * code. */
int again_dry_run(struct verb_ctx *ctx, const struct conf_source *source);

#endif
