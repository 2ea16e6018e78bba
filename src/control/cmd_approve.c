/* sheafctl approve */
#include "control/act.h"
#include "control/verbs.h"

static int
run(struct verb_ctx *ctx)
{
	return act_on_sources(ctx, "approve", verb_option(ctx, "reason"),
	    ctx->count, ctx->operands);
}

static const struct verb_option options[] = {
    {"reason", "TEXT", "why, for whoever looks later"},
    {0},
};

const struct verb verb_approve = {
    .name = "approve",
    .operands = "SOURCE…",
    .summary = "applies what a held run would change, and goes on",
    .help = "A run is held when it would change or delete more of a source "
	    "than max_change\nor max_delete allow. What it would do waits in "
	    "the database; look with\nsheafctl status and sheafctl runs.",
    .min = 1,
    .max = 1000,
    .needs = VERB_CONFIG,
    .options = options,
    .run = run,
};
