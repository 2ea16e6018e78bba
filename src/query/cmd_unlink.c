/* sheafctl unlink */
#include "query/decide.h"
#include "query/verbs.h"

static int
run(struct verb_ctx *ctx)
{
	return decide_two(ctx, "different", names_read_one);
}

static const struct verb_option options[] = {
    {"reason", "TEXT", "why; it is kept with the decision"},
    {"author", "NAME", "who decided (the user who calls)"},
    {0},
};

const struct verb verb_unlink = {
    .name = "unlink",
    .operands = "A B",
    .summary = "decides that two records are different things",
    .help = "A and B are numbers of records, or sources with identifiers.  "
	    "Where they are in\none entry it is split, and no other entry "
	    "changes.",
    .min = 2,
    .max = 4,
    .needs = VERB_DECIDES,
    .options = options,
    .run = run,
};
