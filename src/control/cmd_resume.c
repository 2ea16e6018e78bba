/* sheafctl resume */
#include "control/act.h"
#include "control/verbs.h"

static int
run(struct verb_ctx *ctx)
{
	return act_on_sources(ctx, "resume", verb_option(ctx, "reason"),
	    ctx->count, ctx->operands);
}

static const struct verb_option options[] = {
    {"reason", "TEXT", "why, for whoever looks later"},
    {0},
};

const struct verb verb_resume = {
    .name = "resume",
    .operands = "SOURCE…",
    .summary = "harvests again, at once",
    .help = "Ends a pause, whoever began it.  A retired source comes back "
	    "with the configuration:\nput it there again, and reload.",
    .min = 1,
    .max = 1000,
    .needs = VERB_CONFIG,
    .options = options,
    .run = run,
};
