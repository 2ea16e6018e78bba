/* The score of two records of the registry, by its current model. */
#ifndef SHEAF_BIN_SHEAFCTL_SCORE_H
#define SHEAF_BIN_SHEAFCTL_SCORE_H

#include "base/buf.h"
#include "base/verb.h"

struct ctl_score {
	struct buf words, json; /* as resolve/score.h writes them */
	double sum;
	int version; /* of the model */
	const char *verdict; /* as sheaf.match has it, or "none" */
};

/* Reads the model and both profiles (some seconds where there are many
 * records).  EX_OK, or an exit code after a message.  To be released in any
 * case. */
int ctl_score(const struct verb_ctx *ctx, const char *a, const char *b,
    struct ctl_score *out);
void ctl_score_release(struct ctl_score *s);

#endif
