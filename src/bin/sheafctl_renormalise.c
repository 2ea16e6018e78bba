/*
 * sheafctl renormalise: asks the daemon to read stored records again; a dry
 * run reads them here, by the tables of the configuration as it is on disk,
 * and writes nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "bin/sheafctl.h"
#include "bin/sheafctl_again.h"
#include "config/config.h"
#include "control/act.h"

/* The source, or NULL after a message. */
static const struct conf_source *
find_source(const struct verb_ctx *ctx, const char *name)
{
	const struct conf_source *c = config_source(ctx->config, name);

	if (c == NULL)
		verb_complain("sheafctl status names all",
		    "no source \"%s\" is configured", name);
	return c;
}

static int
ask_daemon(struct verb_ctx *ctx)
{
	const char **words = xcalloc(ctx->count + 3, sizeof(*words));
	int code;

	words[0] = "harvest";
	words[1] = "renormalise";
	words[2] = verb_option(ctx, "wait") != NULL ? "wait" : "go";
	for (size_t i = 0; i < ctx->count; i++)
		words[3 + i] = ctx->operands[i];
	code = act_ask(ctx, ctx->count + 3, words);
	free(words);
	return code;
}

static int
dry_run(struct verb_ctx *ctx)
{
	int code = EX_OK;

	for (size_t i = 0; i < ctx->count && code == EX_OK; i++)
		code = again_dry_run(
		    ctx, config_source(ctx->config, ctx->operands[i]));
	return code;
}

static int
run(struct verb_ctx *ctx)
{
	for (size_t i = 0; i < ctx->count; i++) {
		if (find_source(ctx, ctx->operands[i]) == NULL)
			return EX_USAGE;
	}
	if (verb_option(ctx, "dry-run") != NULL)
		return ctl_with_database(ctx, dry_run);
	return ask_daemon(ctx);
}

static const struct verb_option options[] = {
    {"dry-run", NULL, "only tell what would differ, with examples"},
    {"wait", NULL, "show the progress; exit 0 when all were ok, else 1"},
    {0},
};

const struct verb verb_renormalise = {
    .name = "renormalise",
    .operands = "SOURCE…",
    .summary = "reads stored records again, by the rules of today",
    .help = "Nobody is asked: the records as they are stored are read again "
	    "where their content\nwas made by other tables or another version "
	    "of Sheaf, or where kind or licence of\nthe source has changed.  "
	    "max_change does not hold it: look with --dry-run first,\nwhich "
	    "goes by the tables on disk; the daemon goes by those of its last "
	    "reload.",
    .min = 1,
    .max = 1000,
    .needs = VERB_CONFIG,
    .options = options,
    .run = run,
};
