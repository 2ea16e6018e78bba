/* sheafctl check: the endpoint doctor for a source of the configuration, or
 * for a URL that is not in it yet. */
#include "control/verbs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/url.h"
#include "base/utf8.h"
#include "config/config.h"
#include "config/credentials.h"
#include "control/doctor.h"

enum { VALUE_COLUMNS = 84 }; /* of a value, beside its label */

/* What a source and an agency are called that stand in no configuration. */
#define ADHOC "a-url-of-the-command-line"

/* The first mistake, without the place in a file that nobody wrote. */
static void
complain_url(const char *mistakes)
{
	const char *text = strchr(mistakes, ' ');
	size_t n;

	text = text != NULL ? text + 1 : mistakes;
	n = strcspn(text, "\n");
	verb_complain("an http, https or file URL was expected, or the name of "
		      "a source",
	    "this cannot be asked: %.*s", (int)n, text);
}

/* A configuration of one source, made from its URL: every other key has its
 * default. */
static struct config *
config_for_url(const struct verb_ctx *ctx, const char *url)
{
	struct buf text, mistakes;
	struct config *c = NULL;
	const char *format = verb_option(ctx, "format");
	char path[32];
	int fd = memfd_create("sheaf-check", MFD_CLOEXEC);

	buf_init(&text, LIMIT_URL_BYTES + 4 * KIB);
	buf_init(&mistakes, 64 * KIB);
	buf_printf(&text,
	    "[daemon]\ncontact = %s\n[database]\nembedded = yes\n"
	    "[agency " ADHOC "]\nname = check\n"
	    "[source " ADHOC "]\nagency = " ADHOC "\n"
	    "url = %s\nallow_private = %s\n%s%s%s\n",
	    verb_option(ctx, "contact") != NULL ? verb_option(ctx, "contact")
						: "sheafctl-check@localhost",
	    url, verb_option(ctx, "allow-private") != NULL ? "yes" : "no",
	    str_case_starts(url, "file:") ? "protocol = oai-static\n" : "",
	    format != NULL ? "format = " : "", format != NULL ? format : "");
	if (fd >= 0 && !text.full &&
	    write(fd, text.data, text.len) == (ssize_t)text.len) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		c = config_read(path, &mistakes);
	}
	if (c == NULL)
		complain_url(buf_str(&mistakes));
	if (fd >= 0)
		close(fd);
	buf_release(&text);
	buf_release(&mistakes);
	return c;
}

static struct config *
read_config(const struct verb_ctx *ctx)
{
	struct buf mistakes;
	struct config *c;

	buf_init(&mistakes, 1 * MIB);
	c = config_read(ctx->config_path, &mistakes);
	if (c == NULL) {
		fputs(buf_str(&mistakes), stderr);
		verb_complain("a URL can be checked without any",
		    "the configuration is not usable");
	}
	buf_release(&mistakes);
	return c;
}

static void
print_previews(const struct doctor_report *r, struct buf *line)
{
	if (r->previews.count > 0)
		printf("\nWhat Sheaf would store of the first records (--json "
		       "has all of it):\n");
	for (size_t i = 0; i < r->previews.count; i++) {
		const struct doctor_preview *p = &r->previews.items[i];
		for (size_t f = 0; f < p->fields.count; f++) {
			const char *value = p->fields.items[f].value;
			buf_clear(line);
			str_escape(
			    line, value, strlen(value), 8 * VALUE_COLUMNS);
			str_fit(line, VALUE_COLUMNS);
			printf("  %-11s %s\n", p->fields.items[f].label,
			    buf_str(line));
		}
		if (i + 1 < r->previews.count)
			putchar('\n');
	}
}

static bool
is_adhoc(const struct conf_source *s)
{
	return strcmp(s->agency, ADHOC) == 0;
}

static void
print_settings(const struct doctor_report *r, const struct conf_source *s)
{
	struct arena a;
	struct buf block;

	arena_init(&a, 0);
	buf_init(&block, 1 * MIB);
	doctor_block(&block, r, s, is_adhoc(s), &a);
	printf("\nAdvised settings:\n%s", buf_str(&block));
	buf_release(&block);
	arena_release(&a);
}

static void
print_people(const struct doctor_report *r, const struct conf_source *s)
{
	static const char *const marks[DOCTOR_LEVELS] = {
	    "  ok      ", "  note    ", "  advice  ", "  PROBLEM "};
	struct buf line;

	buf_init(&line, 64 * KIB);
	printf("%s\n", s->url);
	for (size_t i = 0; i < r->findings.count; i++) {
		const struct doctor_finding *f = &r->findings.items[i];
		buf_clear(&line);
		str_escape(&line, f->text, strlen(f->text), 2000);
		printf(
		    "%s%-11s %s\n", marks[f->level], f->topic, buf_str(&line));
	}
	print_previews(r, &line);
	if (r->identified)
		print_settings(r, s);
	buf_release(&line);
}

/* {"fields": {"title": 100, …}, …} */
static void
print_figures(struct json *j, const struct doctor_report *r)
{
	const char *group = "";

	for (size_t i = 0; i < r->figures.count; i++) {
		const struct doctor_figure *f = &r->figures.items[i];

		if (strcmp(group, f->group) != 0) {
			if (i > 0)
				json_close(j, '}');
			json_key(j, f->group);
			json_open(j, '{');
			group = f->group;
		}
		json_field_i64(j, f->name, f->value);
	}
	if (r->figures.count > 0)
		json_close(j, '}');
}

static void
print_json(const struct doctor_report *r, const struct conf_source *s)
{
	struct buf out;
	struct json j;

	buf_init(&out, 64 * MIB);
	json_init(&j, &out);
	json_open(&j, '{');
	json_field(&j, "url", s->url);
	json_field(&j, "worst", doctor_level_name(doctor_worst(r)));
	json_field_i64(&j, "requests", r->requests);
	json_field(
	    &j, "protocol", r->identified ? protocol_name(r->protocol) : NULL);
	json_field(&j, "title", r->title);
	json_key(&j, "findings");
	json_open(&j, '[');
	for (size_t i = 0; i < r->findings.count; i++) {
		json_open(&j, '{');
		json_field(
		    &j, "level", doctor_level_name(r->findings.items[i].level));
		json_field(&j, "topic", r->findings.items[i].topic);
		json_field(&j, "text", r->findings.items[i].text);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_key(&j, "settings");
	json_open(&j, '{');
	for (size_t i = 0; i < r->settings.count; i++)
		json_field(
		    &j, r->settings.items[i].key, r->settings.items[i].value);
	json_close(&j, '}');
	print_figures(&j, r);
	json_key(&j, "records");
	json_open(&j, '[');
	for (size_t i = 0; i < r->previews.count; i++)
		json_raw(&j, r->previews.items[i].json);
	json_close(&j, ']');
	json_close(&j, '}');
	printf("%s\n", buf_str(&out));
	buf_release(&out);
}

int (*check_open_rules)(const struct config *c, const char *preview,
    int rules_fds[2], struct buf *mistakes);

/* False where there are none; their mistakes were told. */
static bool
open_rules(const struct verb_ctx *ctx, const struct config *c, int rules_fds[2])
{
	struct buf mistakes;
	bool is_open;

	if (check_open_rules == NULL)
		return false;
	buf_init(&mistakes, 1 * MIB);
	is_open = check_open_rules(c, verb_option(ctx, "crosswalk"), rules_fds,
		      &mistakes) == 0;
	if (!is_open) {
		fputs(buf_str(&mistakes), stderr);
		verb_complain(NULL,
		    "vocabularies or crosswalks are not usable; no value is "
		    "mapped");
	}
	buf_release(&mistakes);
	return is_open;
}

static int
examine(const struct verb_ctx *ctx, const struct config *c,
    const struct conf_source *s)
{
	struct credentials secrets = {.count = 0};
	struct doctor_subject subject = {.source = s, .find_out = is_adhoc(s)};
	struct doctor_report report;
	struct doctor_asker *asker;
	struct err e = {0};
	int code = EX_SOFTWARE, rules_fds[2];
	bool has_rules;

	if (credentials_open(&secrets, s, &e) != 0) {
		verb_complain(
		    "check the path and its permissions", "%s", e.text);
		return EX_NOINPUT;
	}
	has_rules = open_rules(ctx, c, rules_fds);
	/* What was to be seen cannot be. */
	if (!has_rules && verb_option(ctx, "crosswalk") != NULL) {
		credentials_close(&secrets);
		return EX_CONFIG;
	}
	asker = doctor_asker_new(
	    c->user_agent, "/var/tmp", has_rules ? rules_fds : NULL, &e);
	for (int i = 0; has_rules && i < 2; i++)
		close(rules_fds[i]);
	if (asker != NULL) {
		subject.secrets = secrets.fds;
		subject.secret_count = secrets.count;
		subject.secret_bits = secrets.bits;
		if (doctor_examine(&report, asker, &subject, &e) == 0) {
			(ctx->json ? print_json : print_people)(&report, s);
			code = doctor_worst(&report) == DOCTOR_PROBLEM
				   ? EX_UNAVAILABLE
				   : EX_OK;
		}
		doctor_report_release(&report);
		doctor_asker_free(asker);
	}
	if (code == EX_SOFTWARE)
		verb_complain(NULL, "cannot examine %s: %s", s->url, e.text);
	credentials_close(&secrets);
	return code;
}

static int
run(struct verb_ctx *ctx)
{
	const char *what = ctx->operands[0];
	bool is_url =
	    strstr(what, "://") != NULL || str_case_starts(what, "file:/");
	struct config *c =
	    is_url ? config_for_url(ctx, what) : read_config(ctx);
	const struct conf_source *s;
	int code = EX_CONFIG;

	if (c == NULL)
		return is_url ? EX_USAGE : EX_CONFIG;
	s = config_source(c, is_url ? ADHOC : what);
	if (s == NULL)
		verb_complain("sheafctl status lists the sources; a URL can be "
			      "checked too",
		    "there is no source %s in the configuration", what);
	else if (!protocol_is_harvested(s->protocol))
		verb_complain(NULL,
		    "%s is of protocol %s: it is declared, and there is "
		    "nothing to ask",
		    what, protocol_name(s->protocol));
	else
		code = examine(ctx, c, s);
	config_free(c);
	return code;
}

static const struct verb_option options[] = {
    {"format", "PREFIX", "metadataPrefix to try, of a URL"},
    {"crosswalk", "FILE",
	"a crosswalk to try, as in parse: what would be stored by it"},
    {"contact", "ADDRESS", "goes into the User-Agent, of a URL"},
    {"allow-private", NULL, "the URL may lead to a private address"},
    {0},
};

const struct verb verb_check = {
    .name = "check",
    .operands = "SOURCE|URL",
    .summary = "examines an endpoint and advises settings",
    .help =
	"Finds out whether a URL is an OAI-PMH repository, a static one, a "
	"feed, or a page\nthat names its feed, and asks what a harvest would "
	"ask. Of a repository: Identify,\nformats, sets, a page, its "
	"resumptionToken "
	"(twice), a date, and two wrong requests. Of a\nfeed: how clean its "
	"items are, which fields they fill, whether their guids last,\nhow "
	"often it changes and would be read, whether it says that nothing has "
	"changed,\nand what leads to older items. Says what was found, what "
	"the agency could mend,\nwhich settings Sheaf advises, and what it "
	"would store of the first records.\nNothing is stored.\n"
	"Exits 69 when there is a problem that a harvest would meet.",
    .min = 1,
    .max = 1,
    .needs = VERB_ALONE,
    .options = options,
    .run = run,
};
