/* sheafctl retire */
#include "control/act.h"
#include "control/verbs.h"

static int
run(struct verb_ctx *ctx)
{
	return act_on_sources(ctx, "retire", verb_option(ctx, "reason"),
	    ctx->count, ctx->operands);
}

static const struct verb_option options[] = {
    {"reason", "TEXT", "why, for whoever looks later"},
    {0},
};

const struct verb verb_retire = {
    .name = "retire",
    .operands = "SOURCE…",
    .summary = "lets a source go that has left the configuration",
    .help = "Its records are marked deleted; a source that is still "
	    "configured is refused.\n"
	    "Put back into the configuration it is read anew, and what it "
	    "lists is back\nunder the old numbers.",
    .min = 1,
    .max = 1000,
    .needs = VERB_CONFIG,
    .options = options,
    .run = run,
};
