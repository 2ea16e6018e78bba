/* sheafctl hide */
#include <sysexits.h>

#include "query/decide.h"
#include "query/verbs.h"

static int
run(struct verb_ctx *ctx)
{
	struct names n = {0};
	int code = decide_only(ctx, &n);

	if (code == EX_OK)
		code = decide_each(ctx, "hide", &n);
	names_release(&n);
	return code;
}

static const struct verb_option options[] = {
    {"reason", "TEXT", "why; it is kept with the decision"},
    {"author", "NAME", "who decided (the user who calls)"},
    {0},
};

const struct verb verb_hide = {
    .name = "hide",
    .operands = "RECORD",
    .summary = "decides that portals do not see a record, or an entry's",
    .help = "RECORD is a number, a source with an identifier, or an entry.  It "
	    "stays hidden\nwhatever its source says later.",
    .min = 1,
    .max = 2,
    .needs = VERB_DECIDES,
    .options = options,
    .run = run,
};
