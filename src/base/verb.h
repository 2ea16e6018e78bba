/*
 * The verbs of sheafctl: one verb, one file, one constant struct.
 *
 * A verb says what it takes in tables, so that its help, its usage line and
 * the check of its command line cannot drift apart.  `--json` and `--help` are
 * understood by every verb and stand in no table.
 */
#ifndef SHEAF_BASE_VERB_H
#define SHEAF_BASE_VERB_H

#include <stdbool.h>
#include <stddef.h>

enum { VERB_OPTIONS = 24 };

struct config;
struct db_sync;
struct verb_ctx;

enum verb_needs {
	VERB_ALONE, /* neither configuration nor daemon */
	VERB_CONFIG, /* the configuration, and the daemon where it asks it */
	VERB_DATABASE, /* and a connection that may read */
	VERB_DECIDES, /* and one that may enter decisions, if that can be had */
};

struct verb_option {
	const char *name; /* without its dashes; NULL ends the table */
	const char *value; /* what its value is called; NULL: a flag */
	const char *meaning;
};

struct verb {
	const char *name;
	const char *operands; /* "SOURCE…", for the usage line; "" for none */
	const char *summary; /* one line, lower case, no full stop */
	const char *help; /* some paragraphs more, or NULL */
	unsigned min, max; /* how many operands */
	enum verb_needs needs;
	const struct verb_option *options; /* NULL: none of its own */
	/* Returns an exit code of sysexits.h. */
	int (*run)(struct verb_ctx *ctx);
};

/* What a verb is run with.  Nothing here is owned by the verb. */
struct verb_ctx {
	const struct verb *verb;
	const struct config *config; /* NULL for VERB_ALONE */
	struct db_sync *db; /* NULL but for VERB_DATABASE */
	const char *config_path; /* as given, or the default */
	const char *control_path; /* the daemon's socket */
	bool json;
	bool help;
	size_t count; /* operands */
	char **operands;
	const char *given[VERB_OPTIONS]; /* by position in verb->options */
};

/* Reads what follows the verb on the command line, in any order; `--` ends
 * the options.  Operands are moved to the front of argv.  0, or EX_USAGE after
 * a message on standard error with a hint. */
int
verb_read(struct verb_ctx *ctx, const struct verb *v, int argc, char **argv);
/* The value of an option; "" for a flag that was given; NULL when not given.
 * Naming an option that the verb does not have is a bug. */
const char *verb_option(const struct verb_ctx *ctx, const char *name);
/* The verb's manual on standard output. */
void verb_help(const struct verb *v);

/* A message of the program: "sheafctl: text", and "  hint: …" when given. */
void verb_complain(const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The nearest of `count` words, or NULL when none is near enough to be meant.
 * `word_at` gives the i-th. */
const char *verb_nearest(const char *given, size_t count,
    const char *(*word_at)(const void *arg, size_t i), const void *arg);

#endif
