/* sheafctl pause */
#include "control/act.h"
#include "control/verbs.h"

static int
run(struct verb_ctx *ctx)
{
	return act_on_sources(ctx, "pause", verb_option(ctx, "reason"),
	    ctx->count, ctx->operands);
}

static const struct verb_option options[] = {
    {"reason", "TEXT", "why, for whoever looks later"},
    {0},
};

const struct verb verb_pause = {
    .name = "pause",
    .operands = "SOURCE…",
    .summary = "harvests no more until resume",
    .help = "A run that is under way stops at its next page boundary.",
    .min = 1,
    .max = 1000,
    .needs = VERB_CONFIG,
    .options = options,
    .run = run,
};
