/* sheafctl reject */
#include "control/act.h"
#include "control/verbs.h"

static int
run(struct verb_ctx *ctx)
{
	return act_on_sources(ctx, "reject",
	    ctx->count > 1 ? ctx->operands[1] : NULL, 1, ctx->operands);
}

const struct verb verb_reject = {
    .name = "reject",
    .operands = "SOURCE [REASON]",
    .summary = "forgets what a held run would change, and pauses the source",
    .help = "All is as it was before the run, its checkpoint included.  "
	    "Resume the source\nwhen its server is well again.",
    .min = 1,
    .max = 2,
    .needs = VERB_CONFIG,
    .run = run,
};
