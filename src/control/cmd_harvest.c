/* sheafctl harvest */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "control/act.h"
#include "control/verbs.h"

static int
run(struct verb_ctx *ctx)
{
	bool all = verb_option(ctx, "all") != NULL;
	bool full = verb_option(ctx, "full") != NULL;
	bool compare = verb_option(ctx, "compare") != NULL;
	const char **words;
	int code;

	if (all == (ctx->count > 0) || (full && compare)) {
		verb_complain("sheafctl harvest --help",
		    full && compare ? "--full and --compare exclude each other"
		    : all	    ? "--all goes without names of sources"
				    : "which source? name it, or say --all");
		return EX_USAGE;
	}
	words = xcalloc(ctx->count + 3, sizeof(*words));
	words[0] = "harvest";
	words[1] = full ? "full" : compare ? "compare" : "incremental";
	words[2] = verb_option(ctx, "wait") != NULL ? "wait" : "go";
	for (size_t i = 0; i < ctx->count; i++)
		words[3 + i] = ctx->operands[i];
	code = act_ask(ctx, ctx->count + 3, words);
	free(words);
	return code;
}

static const struct verb_option options[] = {
    {"all", NULL, "every source that may be harvested"},
    {"full", NULL, "the whole list, whatever was harvested before"},
    {"compare", NULL, "compare with the complete list of identifiers"},
    {"wait", NULL, "show the progress; exit 0 when all were ok, else 1"},
    {0},
};

const struct verb verb_harvest = {
    .name = "harvest",
    .operands = "--all | SOURCE…",
    .summary = "harvests now",
    .help = "A source that is due anyway is harvested by the daemon; this is "
	    "for the impatient.",
    .min = 0,
    .max = 1000,
    .needs = VERB_CONFIG,
    .options = options,
    .run = run,
};
