/* sheafctl link */
#include "query/decide.h"
#include "query/verbs.h"

static int
run(struct verb_ctx *ctx)
{
	return decide_two(ctx, "same", names_read);
}

static const struct verb_option options[] = {
    {"reason", "TEXT", "why; it is kept with the decision"},
    {"author", "NAME", "who decided (the user who calls)"},
    {0},
};

const struct verb verb_link = {
    .name = "link",
    .operands = "A B",
    .summary = "decides that two records are the same thing",
    .help = "A and B are numbers of records, or sources with identifiers, or "
	    "entries.  It holds\nwhatever is harvested later, and is refused "
	    "where it contradicts what was decided\nbefore.",
    .min = 2,
    .max = 4,
    .needs = VERB_DECIDES,
    .options = options,
    .run = run,
};
