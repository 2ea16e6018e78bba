/* sheafctl reload */
#include "control/act.h"
#include "control/verbs.h"

static int
run(struct verb_ctx *ctx)
{
	return act_ask(ctx, 1, (const char *[]){"reload"});
}

const struct verb verb_reload = {
    .name = "reload",
    .operands = "",
    .summary = "has the daemon read its configuration again",
    .help = "With a mistake in it nothing is changed, and each mistake is "
	    "said.",
    .needs = VERB_CONFIG,
    .run = run,
};
