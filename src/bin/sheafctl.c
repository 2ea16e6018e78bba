/*
 * sheafctl: finds the verb, reads its command line, gives it what it needs.
 *
 * Not here: what any verb does.
 */
#include "bin/sheafctl.h"
#include "bin/config_open.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "control/verbs.h"
#include "query/verbs.h"

/* In the order of the help. */
static const struct verb *const verbs[] = {
    &verb_init,
    &verb_check,
    &verb_parse,
    &verb_status,
    &verb_search,
    &verb_coverage,
    &verb_gaps,
    &verb_synergy,
    &verb_history,
    &verb_changes,
    &verb_runs,
    &verb_records,
    &verb_show,
    &verb_raw,
    &verb_quarantine,
    &verb_unmapped,
    &verb_explain,
    &verb_resolve,
    &verb_review,
    &verb_link,
    &verb_unlink,
    &verb_hide,
    &verb_set,
    &verb_purge,
    &verb_decisions,
    &verb_harvest,
    &verb_renormalise,
    &verb_pause,
    &verb_resume,
    &verb_approve,
    &verb_reject,
    &verb_retire,
    &verb_reload,
};
enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static const char *
name_at(const void *arg, size_t i)
{
	(void)arg;
	return verbs[i]->name;
}

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; i < VERBS; i++) {
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	}
	return NULL;
}

static void
usage(FILE *out)
{
	fputs("usage: sheafctl [-c FILE] VERB [option…] [argument…]\n\n", out);
	for (size_t i = 0; i < VERBS; i++)
		fprintf(out, "  %-12s %s\n", verbs[i]->name, verbs[i]->summary);
	fputs("\nsheafctl VERB --help says more.  Every verb knows --json.\n",
	    out);
}

static int
verb_unknown(const char *name)
{
	const char *nearest = verb_nearest(name, VERBS, name_at, NULL);
	char hint[80];

	snprintf(hint, sizeof(hint),
	    nearest != NULL ? "did you mean %s?" : "sheafctl --help names all",
	    nearest);
	verb_complain(hint, "there is no verb \"%s\"", name);
	return EX_USAGE;
}

static struct config *
read_config(const char *path)
{
	struct buf mistakes;
	struct config *c;

	buf_init(&mistakes, MIB);
	c = config_read(path, &mistakes);
	if (c == NULL) {
		fputs(buf_str(&mistakes), stderr);
		verb_complain("-c FILE names another one",
		    "the configuration is not usable");
	}
	buf_release(&mistakes);
	return c;
}

static int
run_verb(struct verb_ctx *ctx)
{
	const struct verb *v = ctx->verb;

	return v->needs < VERB_DATABASE ? v->run(ctx)
					: ctl_with_database(ctx, v->run);
}

static int
with_config(struct verb_ctx *ctx)
{
	struct config *c;
	char *path;
	int code;

	if (ctx->verb->needs == VERB_ALONE)
		return run_verb(ctx);
	c = read_config(ctx->config_path);
	if (c == NULL)
		return EX_CONFIG;
	path = xasprintf("%s/control", c->run_dir);
	ctx->config = c;
	ctx->control_path = path;
	code = run_verb(ctx);
	free(path);
	config_free(c);
	return code;
}

/* The options before the verb.  -1: go on at *at; else the exit code. */
static int
leading_options(struct verb_ctx *ctx, int argc, char **argv, int *at)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
			ctx->config_path = argv[++i];
		} else if (strncmp(argv[i], "--config=", 9) == 0) {
			ctx->config_path = argv[i] + 9;
		} else if (strcmp(argv[i], "--json") == 0) {
			ctx->json = true;
		} else if (strcmp(argv[i], "--help") == 0 ||
			   strcmp(argv[i], "-h") == 0) {
			usage(stdout);
			return EX_OK;
		} else if (strcmp(argv[i], "--version") == 0 ||
			   strcmp(argv[i], "-V") == 0) {
			puts("sheafctl " SHEAF_VERSION);
			return EX_OK;
		} else {
			verb_complain("sheafctl --help",
			    "the option %s stands after the verb, if anywhere",
			    argv[i]);
			return EX_USAGE;
		}
	}
	if (i == argc) {
		usage(stderr);
		return EX_USAGE;
	}
	*at = i;
	return -1;
}

int
main(int argc, char **argv)
{
	struct verb_ctx ctx = {0};
	const struct verb *v;
	int at = 1, code;

	log_init("sheafctl", LOG_LEVEL_WARN);
	signal(SIGPIPE, SIG_DFL);
	check_open_rules = config_open_tables;
	ctx.config_path = config_default_path();
	code = leading_options(&ctx, argc, argv, &at);
	if (code >= 0)
		return code;
	if (strcmp(argv[at], "help") == 0) {
		v = at + 1 < argc ? find_verb(argv[at + 1]) : NULL;
		if (v != NULL)
			verb_help(v);
		else
			usage(stdout);
		return EX_OK;
	}
	v = find_verb(argv[at]);
	if (v == NULL)
		return verb_unknown(argv[at]);
	code = verb_read(&ctx, v, argc - at - 1, argv + at + 1);
	if (code != 0)
		return code;
	if (ctx.help) {
		verb_help(v);
		return EX_OK;
	}
	code = with_config(&ctx);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		verb_complain(NULL, "standard output cannot be written");
		return EX_IOERR;
	}
	return code;
}
