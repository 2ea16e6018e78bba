/* What the acting verbs share. */
#include "control/act.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "control/client.h"
#include "control/proto.h"

static void
print_row(size_t count, char **words)
{
	struct buf line;
	struct json j;
	int64_t number;

	buf_init(&line, CONTROL_LINE_BYTES * 2);
	json_init(&j, &line);
	json_open(&j, '{');
	for (size_t i = 0; i + 1 < count; i += 2) {
		if (words[i + 1][0] == '\0')
			continue;
		json_key(&j, words[i]);
		/* A source may be called 42: names and sentences stay texts. */
		if (strcmp(words[i], "source") != 0 &&
		    strcmp(words[i], "text") != 0 &&
		    str_to_i64(words[i + 1], INT64_MIN, INT64_MAX, &number) ==
			0)
			json_i64(&j, number);
		else
			json_str(&j, words[i + 1]);
	}
	json_close(&j, '}');
	puts(buf_str(&line));
	buf_release(&line);
}

static void
print_text(FILE *out, const char *text)
{
	struct buf safe;

	buf_init(&safe, CONTROL_LINE_BYTES * 4);
	str_escape(&safe, text, strlen(text), CONTROL_LINE_BYTES);
	fprintf(out, "%s\n", buf_str(&safe));
	fflush(out);
	buf_release(&safe);
}

static void
on_line(void *arg, const char *kind, size_t count, char **words)
{
	const struct verb_ctx *ctx = arg;

	if (strcmp(kind, "row") == 0) {
		if (ctx->json)
			print_row(count, words);
	} else if (count == 1 && strcmp(kind, "warn") == 0) {
		print_text(stderr, words[0]);
	} else if (count == 1 && strcmp(kind, "say") == 0 && !ctx->json) {
		print_text(stdout, words[0]);
	}
}

int
act_ask(const struct verb_ctx *ctx, size_t count, const char *const *words)
{
	struct err e = {0};
	int code = control_ask(ctx->control_path, count, words, on_line,
	    (void *)(uintptr_t)ctx, &e);

	if (code >= 0)
		return code;
	if (e.class == ERR_SYSTEM) {
		verb_complain("start it with systemctl start sheafd, or "
			      "harvest without it: sheafd --once SOURCE",
		    "no daemon answers: %s", e.text);
		return EX_UNAVAILABLE;
	}
	verb_complain(NULL, "%s", e.text);
	return EX_PROTOCOL;
}

int
act_on_sources(const struct verb_ctx *ctx, const char *word, const char *reason,
    size_t count, char **sources)
{
	const struct passwd *pw = getpwuid(getuid());
	const char **words = xcalloc(count + 4, sizeof(*words));
	int code;

	words[0] = "act";
	words[1] = word;
	words[2] = pw != NULL ? pw->pw_name : "unknown";
	words[3] = reason != NULL ? reason : "";
	for (size_t i = 0; i < count; i++)
		words[4 + i] = sources[i];
	code = act_ask(ctx, count + 4, words);
	free(words);
	return code;
}
