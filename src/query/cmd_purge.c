/* sheafctl purge */
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "query/decide.h"
#include "query/verbs.h"

/* A purge cannot be taken back: what is erased is erased. */
static int
confirm(const struct verb_ctx *ctx, const struct names *n)
{
	char answer[8];

	if (verb_option(ctx, "yes") != NULL)
		return EX_OK;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		verb_complain("--yes says that it is meant",
		    "what is purged is erased, and does not come back");
		return EX_USAGE;
	}
	for (size_t i = 0; i < n->count; i++)
		printf("record %s: %s %s\n", n->items[i].record_id,
		    n->items[i].source,
		    n->items[i].title != NULL ? n->items[i].title : "");
	printf("Erase %s with all that is kept of %s?  [y/N] ",
	    n->count == 1 ? "it" : "them", n->count == 1 ? "it" : "them");
	fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y'))
		return EX_OK;
	puts("Nothing was erased.");
	return EX_USAGE;
}

static int
run(struct verb_ctx *ctx)
{
	struct names n = {0};
	int code = decide_only(ctx, &n);

	if (code == EX_OK)
		code = confirm(ctx, &n);
	if (code == EX_OK)
		code = decide_each(ctx, "purge", &n);
	names_release(&n);
	return code;
}

static const struct verb_option options[] = {
    {"reason", "TEXT", "why; it is kept with the decision"},
    {"author", "NAME", "who decided (the user who calls)"},
    {"yes", NULL, "do not ask"},
    {0},
};

const struct verb verb_purge = {
    .name = "purge",
    .operands = "RECORD",
    .summary = "erases a record, or an entry's, and keeps it out",
    .help = "RECORD is a number, a source with an identifier, or an entry.  "
	    "Bytes and values\nare erased; what stays is the identifier, by "
	    "which it is kept out.",
    .min = 1,
    .max = 2,
    .needs = VERB_DECIDES,
    .options = options,
    .run = run,
};
