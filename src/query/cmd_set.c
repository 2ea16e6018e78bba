/* sheafctl set */
#include <sysexits.h>

#include "query/decide.h"
#include "query/verbs.h"

/* Of an entry the oldest record carries it: an entry's field is set while a
 * record of it is. */
static int
run(struct verb_ctx *ctx)
{
	struct names n = {0};
	struct decision d = {.kind = "set"};
	size_t at = 0;
	int code = decide_reason_given(ctx);

	if (code == EX_OK)
		code = names_read(ctx, &at, "RECORD", &n);
	if (code == EX_OK && ctx->count - at < 2) {
		verb_complain("sheafctl set 17 title \"A better title\"",
		    "the field or its value is missing");
		code = EX_USAGE;
	}
	if (code == EX_OK)
		code = names_end(ctx, at + 2);
	if (code == EX_OK) {
		d.a = &n.items[0];
		d.field = ctx->operands[at];
		d.value = ctx->operands[at + 1];
		code = decide(ctx, &d);
	}
	names_release(&n);
	return code;
}

static const struct verb_option options[] = {
    {"reason", "TEXT", "why; it is kept with the decision"},
    {"author", "NAME", "who decided (the user who calls)"},
    {0},
};

const struct verb verb_set = {
    .name = "set",
    .operands = "RECORD FIELD VALUE",
    .summary = "decides what a field of a record's entry is",
    .help =
	"RECORD is a number, a source with an identifier, or an entry.  "
	"An empty VALUE says\nthat the field has none; lists are codes with "
	"commas between.",
    .min = 3,
    .max = 4,
    .needs = VERB_DECIDES,
    .options = options,
    .run = run,
};
