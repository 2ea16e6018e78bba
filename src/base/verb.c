/* The command line of a verb.  Not here: which verbs there are. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/verb.h"

void
verb_complain(const char *hint, const char *fmt, ...)
{
	struct buf text, safe;
	va_list ap;

	buf_init(&text, 16 * 1024);
	buf_init(&safe, 64 * 1024);
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	str_escape(&safe, buf_str(&text), text.len, 16 * 1024);
	fprintf(stderr, "sheafctl: %s\n", buf_str(&safe));
	if (hint != NULL)
		fprintf(stderr, "  hint: %s\n", hint);
	buf_release(&text);
	buf_release(&safe);
}

const char *
verb_nearest(const char *given, size_t count,
    const char *(*word_at)(const void *arg, size_t i), const void *arg)
{
	/* Verbs are told apart more generously than names. */
	struct str_guess g = {given, (unsigned)strlen(given) / 3 + 2, NULL};

	for (size_t i = 0; i < count; i++)
		str_guess_try(&g, word_at(arg, i));
	return g.found;
}

static size_t
option_count(const struct verb *v)
{
	size_t n = 0;

	while (v->options != NULL && v->options[n].name != NULL)
		n++;
	BUG_ON(n > VERB_OPTIONS);
	return n;
}

static const char *
option_name_at(const void *arg, size_t i)
{
	const struct verb *v = arg;

	return v->options[i].name;
}

const char *
verb_option(const struct verb_ctx *ctx, const char *name)
{
	size_t n = option_count(ctx->verb);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(ctx->verb->options[i].name, name) == 0)
			return ctx->given[i];
	}
	BUG_ON(!"an option that the verb does not have");
	return NULL;
}

static int
option_unknown(const struct verb *v, const char *name, size_t len)
{
	char given[64], hint[160];
	const char *nearest;

	snprintf(
	    given, sizeof(given), "%.*s", (int)(len < 60 ? len : 60), name);
	nearest = verb_nearest(given, option_count(v), option_name_at, v);
	if (nearest != NULL)
		snprintf(hint, sizeof(hint), "did you mean --%s?", nearest);
	else
		snprintf(hint, sizeof(hint), "sheafctl %s --help", v->name);
	verb_complain(hint, "%s does not know the option --%s", v->name, given);
	return EX_USAGE;
}

/* One "--name", "--name=value" or "--name value"; *i moves past a value. */
static int
read_option(struct verb_ctx *ctx, int argc, char **argv, int *i)
{
	const struct verb *v = ctx->verb;
	const char *name = argv[*i] + 2;
	const char *value = strchr(name, '=');
	size_t len = value != NULL ? (size_t)(value - name) : strlen(name);
	size_t n = option_count(v), at = 0;

	if (len == 4 && strncmp(name, "json", 4) == 0) {
		ctx->json = true;
		return 0;
	}
	if (len == 4 && strncmp(name, "help", 4) == 0) {
		ctx->help = true;
		return 0;
	}
	while (at < n && (strlen(v->options[at].name) != len ||
			     strncmp(v->options[at].name, name, len) != 0))
		at++;
	if (at == n)
		return option_unknown(v, name, len);
	if (v->options[at].value == NULL) {
		if (value != NULL) {
			verb_complain(
			    NULL, "--%s takes no value", v->options[at].name);
			return EX_USAGE;
		}
		ctx->given[at] = "";
		return 0;
	}
	if (value != NULL) {
		ctx->given[at] = value + 1;
	} else if (*i + 1 < argc) {
		ctx->given[at] = argv[++*i];
	} else {
		verb_complain(NULL, "--%s needs a value: --%s=%s",
		    v->options[at].name, v->options[at].name,
		    v->options[at].value);
		return EX_USAGE;
	}
	return 0;
}

int
verb_read(struct verb_ctx *ctx, const struct verb *v, int argc, char **argv)
{
	bool options = true;
	char hint[160];

	ctx->verb = v;
	ctx->operands = argv;
	ctx->count = 0;
	for (int i = 0; i < argc; i++) {
		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
		} else if (options && strcmp(argv[i], "-h") == 0) {
			ctx->help = true;
		} else if (options && strncmp(argv[i], "--", 2) == 0) {
			int rc = read_option(ctx, argc, argv, &i);
			if (rc != 0)
				return rc;
		} else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
			return option_unknown(
			    v, argv[i] + 1, strlen(argv[i] + 1));
		} else {
			argv[ctx->count++] = argv[i];
		}
	}
	if (ctx->help || (ctx->count >= v->min && ctx->count <= v->max))
		return 0;
	snprintf(hint, sizeof(hint), "usage: sheafctl %s [option…]%s%s",
	    v->name, v->operands[0] != '\0' ? " " : "", v->operands);
	verb_complain(hint,
	    ctx->count < v->min ? "%s: something is missing"
				: "%s: that is more than it takes",
	    v->name);
	return EX_USAGE;
}

void
verb_help(const struct verb *v)
{
	size_t n = option_count(v);

	printf("usage: sheafctl [-c FILE] %s [option…]%s%s\n\n", v->name,
	    v->operands[0] != '\0' ? " " : "", v->operands);
	printf("%s: %s.\n", v->name, v->summary);
	if (v->help != NULL)
		printf("\n%s\n", v->help);
	printf("\noptions:\n");
	for (size_t i = 0; i < n; i++) {
		char left[48];
		const struct verb_option *o = &v->options[i];
		snprintf(left, sizeof(left), "--%s%s%s", o->name,
		    o->value != NULL ? "=" : "",
		    o->value != NULL ? o->value : "");
		/* "…" is one column of several bytes. */
		printf("  %-*s %s\n",
		    22 + (int)(strlen(left) - utf8_width(left, strlen(left))),
		    left, o->meaning);
	}
	printf("  %-22s one JSON object a line instead of text\n", "--json");
	printf("  %-22s this text\n", "--help");
}
