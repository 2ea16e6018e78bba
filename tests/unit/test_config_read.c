/* Whole configurations: what is read, what is refused and in which words, and
 * what a reload changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "config/config.h"

#define HEAD                                                                   \
	"[daemon]\ncontact = a@example.org\n[database]\nembedded = yes\n"      \
	"[agency who]\nname = WHO\n"
#define ONE_ROLE                                                               \
	"[daemon]\ncontact = a@b.org\n[database]\n"                            \
	"connection = host=db\nserve_password_file = /one\n"                   \
	"reader_password_file = /other\n"
#define SOURCE "[source iris]\nagency = who\nurl = https://example.org/oai\n"

static char dir[] = "/tmp/sheaf-config-XXXXXX";
static struct buf mistakes;

static char *
file_write(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static struct config *
read_text(const char *text)
{
	char *path = file_write("sheaf.conf", text);
	struct config *c;

	buf_clear(&mistakes);
	c = config_read(path, &mistakes);
	free(path);
	return c;
}

static struct config *
read_good(const char *text)
{
	struct config *c = read_text(text);

	if (!c)
		fail_msg("refused: %s", buf_str(&mistakes));
	assert_int_equal(mistakes.len, 0);
	return c;
}

/* Refused with exactly one mistake, at that line, with these words. */
static void
expect_mistake(const char *text, unsigned line, const char *words)
{
	struct config *c = read_text(text);
	char *where = xasprintf("%s/sheaf.conf:%u: ", dir, line);
	const char *said = buf_str(&mistakes);

	if (c || strncmp(said, where, strlen(where)) != 0 ||
	    !strstr(said, words) || strchr(said, '\n')[1])
		fail_msg("expected one mistake at line %u with \"%s\", got: %s",
		    line, words, said);
	free(where);
}

static void
test_defaults(void **state)
{
	struct config *c = read_good(HEAD SOURCE);
	const struct conf_source *s = config_source(c, "iris");

	(void)state;
	assert_non_null(s);
	assert_string_equal(s->host, "https://example.org");
	assert_int_equal(s->protocol, PROTOCOL_OAI_PMH);
	assert_true(s->interval_ms == 24LL * 3600 * 1000);
	assert_true(s->overlap_ms == 48LL * 3600 * 1000);
	assert_true(s->complete_ms == 30LL * 24 * 3600 * 1000);
	assert_true(s->max_body == 1ULL << 30);
	assert_true(s->max_change == 0.5 && s->max_delete == 0.1);
	assert_true(s->enabled && !s->allow_private);
	assert_null(s->sets[0]);
	assert_string_equal(s->format, "");
	assert_int_equal(c->run_retention_days, 90);
	assert_int_equal(c->change_retention_days, 90);
	assert_int_equal(c->history_retention_days, 730);
	assert_int_equal(c->parsers, 2);
	assert_string_equal(c->store_user, "sheaf_store");
	assert_non_null(strstr(c->user_agent, "(+mailto:a@example.org)"));
	assert_string_equal(config_agency(c, "who")->name, "WHO");
	assert_null(config_source(c, "nothing"));
	config_free(c);
}

static void
test_values(void **state)
{
	struct config *c = read_good(HEAD SOURCE
	    "sets = a b:c\n  d\nwindow = month\nverb_mode = identifiers\n"
	    "delay = 5s\nmax_body = 64M\nmax_delete = 100 %\n"
	    "user = u\npassword_file = who-password\n"
	    "header = X-A: 1\nheader = X-B: 2\nfrom = 2015-01-01\n"
	    "hours = 20:00-06:00\n"
	    "[set iris b:c]\nkind = publication\ncountry = KEN\n");
	const struct conf_source *s = &c->sources[0];

	(void)state;
	assert_string_equal(s->sets[2], "d");
	assert_null(s->sets[3]);
	assert_int_equal(s->window, WINDOW_MONTH);
	assert_string_equal(window_name(s->window), "month");
	assert_int_equal(s->verb_mode, VERB_MODE_IDENTIFIERS);
	assert_true(s->delay_ms == 5000);
	assert_string_equal(s->headers, "X-A: 1\nX-B: 2");
	assert_string_equal(
	    s->password_file, "/run/credentials/sheaf.service/who-password");
	assert_string_equal(c->sets[0].spec, "b:c");
	config_free(c);
}

#define STATIC "[source m]\nagency = who\nprotocol = oai-static\n"

static void
test_static_repositories(void **state)
{
	static const char *const rows[][3] = {
	    {"url = file:///srv/a%20b.xml\n", "file:", "/srv/a b.xml"},
	    {"url = /srv/m.xml\n", "file:", "/srv/m.xml"},
	    {"url = https://example.org/m.xml\n", "https://example.org", ""},
	};
	struct config *c;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = xasprintf("%s%s", HEAD STATIC, rows[i][0]);

		c = read_good(text);
		assert_string_equal(c->sources[0].host, rows[i][1]);
		assert_string_equal(c->sources[0].file, rows[i][2]);
		config_free(c);
		free(text);
	}
	expect_mistake(HEAD STATIC "url = file://host/m.xml\n", 10,
	    "or a file: file:///path");
	expect_mistake(
	    HEAD STATIC "url = m.xml\n", 10, "or a file: file:///path");
	/* No other protocol reads the disk. */
	expect_mistake(HEAD "[source m]\nagency = who\nurl = file:///m.xml\n",
	    9, "https://");
	expect_mistake(HEAD "[source m]\nagency = who\nprotocol = feed\n"
			    "url = /m.xml\n",
	    10, "https://");
}

static void
test_key_mistakes(void **state)
{
	(void)state;
	expect_mistake(
	    HEAD SOURCE "intervall = 6h\n", 10, "did you mean interval?");
	expect_mistake(HEAD SOURCE "xyzzy = 6h\n", 10, "sheaf.conf(5)");
	expect_mistake(HEAD SOURCE "interval = soon\n", 10, "a duration");
	expect_mistake(HEAD SOURCE "delay = 2d\n", 10, "expected 0 to 1h");
	expect_mistake(
	    HEAD SOURCE "concurrency = 0\n", 10, "expected 1 to 256");
	expect_mistake(HEAD SOURCE "enabled = maybe\n", 10, "yes or no");
	expect_mistake(
	    HEAD SOURCE "window = mounth\n", 10, "did you mean month?");
	expect_mistake(HEAD SOURCE "max_delete = lots\n", 10, "a share");
	expect_mistake(HEAD SOURCE "from = 2015-02-30\n", 10, "is no date");
	expect_mistake(HEAD SOURCE "hours = 20-06\n", 10, "20:00-06:00");
	expect_mistake(
	    HEAD SOURCE "header = Authorization: Bearer x\n", 10, "token_file");
	expect_mistake(HEAD SOURCE "header = nonsense\n", 10, "Name: value");
	expect_mistake(
	    HEAD SOURCE "ca_file = ../x.pem\n", 10, "an absolute path");
	expect_mistake(
	    HEAD SOURCE "proxy = http://u:p@proxy:3128\n", 10, "secrets");
	expect_mistake(
	    HEAD SOURCE "url = https://example.org/\n", 10, "second time");
	expect_mistake(
	    HEAD SOURCE "kind = pubication\n", 10, "did you mean publication?");
	expect_mistake(HEAD SOURCE "kind = weather\n", 10,
	    "is not known; expected one of");
	expect_mistake(HEAD SOURCE "[set iris a]\nkind = evnt\n", 11,
	    "did you mean event?");
	expect_mistake(HEAD SOURCE "format =\n", 10, "format is empty");
	expect_mistake(ONE_ROLE, 6,
	    "reader_password_file is another file than serve_password_file");
	expect_mistake(HEAD SOURCE "sets = \n", 10, "or no line at all");
	expect_mistake(HEAD SOURCE "interval =\n", 10, "interval is empty");
}

/* keep = …: each mistake is told at its line. */
static void
test_keep_mistakes(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
	    {"publication", "\"publication\" has no field; expected "
			    "FIELD:VALUE, such as kind:publication"},
	    {"kind", "has no field"},
	    {"kidn:publication", "did you mean kind?"},
	    {"country:KEN", "expected kind, type, language or subject"},
	    {"kind:pubication", "did you mean publication?"},
	    {"kind:weather", "expected none or one of: technology-offer"},
	    {"kind:Publication", "did you mean publication?"},
	    {"kind:", "kind: has no value"},
	    {"kind:publication,", "there is no term behind the last comma"},
	    {"kind:publication,, type:a", "there is no term between two"},
	    {", kind:publication", "there is no term between two commas"},
	    {"type:a, \"x\"", "there is no term before a quote"},
	    {"subject:\"climate", "the quote before \"climate\" is never"},
	    {"subject:\"climate\" change", "behind a quoted value"},
	    {"subject:clim\"ate\"", "a quote stands within"},
	    {"subject:\"\"", "subject: has no value"},
	    {"language:English", "the language \"English\" is no code"},
	    {"language:e", "is no code; expected one as records have it"},
	    {"language:en_US", "is no code"},
	    {"language:en-", "is no code"},
	    {"language:e*", "is no code"},
	    {"current", "is no selection of records any more"},
	};
	struct buf text;

	(void)state;
	buf_init(&text, 64 * KIB);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&text);
		buf_printf(&text, HEAD SOURCE "keep = %s\n", rows[i].text);
		expect_mistake(buf_str(&text), 10, rows[i].words);
	}
	buf_clear(&text);
	buf_adds(&text, HEAD SOURCE "keep = type:a");
	for (size_t i = 0; i < LIMIT_KEEP_TERMS; i++)
		buf_adds(&text, ",type:a");
	buf_adds(&text, "\n");
	expect_mistake(buf_str(&text), 10, "more than 256 terms");
	buf_clear(&text);
	buf_adds(&text, HEAD SOURCE "keep = type:");
	for (size_t i = 0; i < LIMIT_KEEP_BYTES; i++)
		buf_addc(&text, 'a');
	buf_adds(&text, "\n");
	expect_mistake(buf_str(&text), 10, "it has 4101 bytes; expected at");
	buf_release(&text);
}

/* covers = …: likewise. */
static void
test_covers_mistakes(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
	    {"publication", "\"publication\" has no axis; expected "
			    "AXIS:CODE, such as kind:technology-offer"},
	    {"kind:", "\"kind:\" has no code"},
	    {":water", "the axis \"\" is not known"},
	    {"sektor:water", "did you mean sector?"},
	    {"language:en", "expected kind, family, sector or country"},
	    {"kind:pubication", "did you mean publication?"},
	    {"kind:weather", "expected one of: technology-offer"},
	    {"family:offers", "did you mean offer?"},
	    {"sector:water family:x", "the family \"x\" is not known; "
				      "expected offer, need,"},
	    {"country:Kenya", "the country \"Kenya\" is no code"},
	    {"country:12", "is no code"},
	    {"country:ken", "is no code"},
	    {"country:for:KEN", "the role \"for\" is not known; "},
	    {"country:orign:KEN", "did you mean origin?"},
	    {"country:target:", "is no code"},
	    {"country::KEN", "the role \"\" is not known"},
	    {"country:target:KEN:UGA", "is no code"},
	};
	struct buf text;

	(void)state;
	buf_init(&text, 64 * KIB);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&text);
		buf_printf(&text, HEAD SOURCE "covers = %s\n", rows[i].text);
		expect_mistake(buf_str(&text), 10, rows[i].words);
	}
	buf_clear(&text);
	buf_adds(&text, HEAD SOURCE "covers =");
	for (size_t i = 0; i <= LIMIT_COVERS_TERMS; i++)
		buf_adds(&text, " sector:a");
	buf_adds(&text, "\n");
	expect_mistake(buf_str(&text), 10, "more than 256 terms");
	buf_clear(&text);
	buf_adds(&text, HEAD SOURCE "covers = sector:");
	for (size_t i = 0; i < LIMIT_COVERS_BYTES; i++)
		buf_addc(&text, 'a');
	buf_adds(&text, "\n");
	expect_mistake(buf_str(&text), 10, "it has 4103 bytes; expected at");
	buf_release(&text);
}

static void
test_covers(void **state)
{
	struct config *c = read_good(
	    HEAD SOURCE "covers = kind:finance, family:need\n"
			"\tsector:water country:002,country:origin:JPN\n");

	(void)state;
	assert_int_equal(c->sources[0].covers_place.line, 10);
	assert_string_equal(c->sources[0].covers,
	    "kind:finance, family:need sector:water "
	    "country:002,country:origin:JPN");
	config_free(c);
}

static void
test_keep(void **state)
{
	struct config *c = read_good(HEAD SOURCE
	    "delay = 1s\n"
	    "keep = kind:publication, kind:none , language:pt-BR,\n"
	    "\tsubject:\"climate, water*\",type:info:eu-repo/semantics/*\n");

	(void)state;
	assert_int_equal(c->sources[0].keep_place.line, 11);
	assert_string_equal(c->sources[0].keep,
	    "kind:publication, kind:none , language:pt-BR, subject:\"climate, "
	    "water*\",type:info:eu-repo/semantics/*");
	config_free(c);
}

static void
test_section_mistakes(void **state)
{
	(void)state;
	expect_mistake(HEAD "[sorce x]\n", 7, "did you mean [source]?");
	expect_mistake(HEAD "[source]\n", 7, "[source NAME]");
	expect_mistake(HEAD "[source Bad]\nagency = who\n"
			    "url = https://example.org/\n",
	    7, "bad name");
	expect_mistake(HEAD SOURCE SOURCE, 10, "second time");
	expect_mistake(HEAD "[daemon]\n", 7, "line 1");
	expect_mistake(HEAD "[agency who]\nname = x\n", 7, "second time");
	expect_mistake("x = y\n" HEAD, 1, "before any section");
	expect_mistake(
	    "[daemon]\n[database]\nembedded = yes\n", 1, "has no contact");
	expect_mistake(HEAD "[source x]\nurl = https://example.org/\n", 7,
	    "has no agency");
}

static void
test_cross_mistakes(void **state)
{
	static const char daemon[] = "[daemon]\ncontact = a@example.org\n";
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), "%s[database]\n", daemon);
	expect_mistake(text, 3, "names no database");
	snprintf(text, sizeof(text),
	    "%s[database]\nembedded = yes\nconnection = host=x\n", daemon);
	expect_mistake(text, 5, "exclude each other");
	snprintf(text, sizeof(text),
	    "%s[database]\nconnection = host=x password = 'a b'\n", daemon);
	expect_mistake(text, 4, "store_password_file");
	snprintf(text, sizeof(text),
	    "%s[database]\nconnection = postgresql://u:p@h/db\n", daemon);
	expect_mistake(text, 4, "store_password_file");
	expect_mistake("[daemon]\ncontact = me\n[database]\nembedded = yes\n",
	    2, "contact");
	expect_mistake(HEAD "[source x]\nagency = whoo\n"
			    "url = https://example.org/\n",
	    8, "did you mean who?");
	expect_mistake(HEAD "[source x]\nagency = who\n", 7, "has no url");
	expect_mistake(
	    HEAD "[source x]\nagency = who\nurl = ftp://x/\n", 9, "https://");
	expect_mistake(HEAD "[source x]\nagency = who\n"
			    "url = https://u:p@example.org/\n",
	    9, "password_file");
	expect_mistake(HEAD "[source x]\nagency = who\n"
			    "url = https://example.org/oai?verb=Identify\n",
	    9, "base URL");
	expect_mistake(HEAD SOURCE "from = 2020-01-01\nuntil = 2019-01-01\n",
	    11, "is before");
	expect_mistake(HEAD SOURCE "user = u\n", 10, "password_file");
	expect_mistake(HEAD SOURCE
	    "retry_after_min = 2h\nretry_after_max = 1h\n",
	    10, "more than");
	expect_mistake(HEAD SOURCE "was = iris\n", 10, "still there");
	expect_mistake(HEAD SOURCE "sets = a a\n", 10, "twice");
	expect_mistake(HEAD SOURCE "[set irs a]\n", 10, "did you mean iris?");
}

static void
test_all_mistakes_at_once(void **state)
{
	unsigned lines = 0;

	(void)state;
	assert_null(read_text(HEAD SOURCE "a = b\nwindow = x\nnonsense\n"));
	for (const char *p = buf_str(&mistakes); *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, 3);
	buf_clear(&mistakes);
	assert_null(config_read("/nonexistent/sheaf.conf", &mistakes));
	assert_non_null(strstr(buf_str(&mistakes), "cannot be read"));
}

static void
test_directory(void **state)
{
	char *sources = xasprintf("%s/sources.d", dir), *a, *b, *c;
	struct config *config;

	(void)state;
	assert_int_equal(mkdir(sources, 0700), 0);
	b = file_write("sources.d/b.conf", "[source b]\nagency = who\n"
					   "url = https://b.example.org/oai\n");
	a = file_write("sources.d/a.conf", "[source a]\nagency = un\nprotocol "
					   "= none\n[agency un]\nname = UN\n");
	c = file_write("sources.d/README", "not a configuration\n");
	config = read_good(HEAD);
	assert_int_equal(config->source_count, 2);
	assert_string_equal(config->sources[0].name, "a");
	config_free(config);
	unlink(b);
	free(b);
	b = file_write("sources.d/b.conf", "[daemon]\n");
	assert_null(read_text(HEAD));
	assert_non_null(strstr(buf_str(&mistakes), "b.conf:1: "));
	unlink(a);
	unlink(b);
	unlink(c);
	rmdir(sources);
	free(a);
	free(b);
	free(c);
	free(sources);
}

static void
test_reload(void **state)
{
	struct config *old = read_good(HEAD SOURCE "sets = a b\n");
	struct config *same = read_good(HEAD SOURCE "# x\nsets = a b\n");
	struct config *changed =
	    read_good(HEAD SOURCE "sets = a b\ndelay = 1s\n");
	struct config *relist = read_good(HEAD SOURCE "sets = a\ndelay = 1s\n");
	struct config *other =
	    read_good("[daemon]\ncontact = b@example.org\nmax_runs = 3\n"
		      "[database]\nembedded = yes\n");
	struct config *keep =
	    read_good(HEAD SOURCE "sets = a b\nkeep = kind:event\n");
	const struct conf_source *s = &old->sources[0];
	struct buf why;

	(void)state;
	buf_init(&why, 1024);
	assert_int_equal(config_source_change(s, &same->sources[0]), CONF_SAME);
	assert_int_equal(
	    config_source_change(s, &changed->sources[0]), CONF_CHANGED);
	assert_int_equal(
	    config_source_change(s, &relist->sources[0]), CONF_RELIST);
	assert_int_equal(
	    config_source_change(s, &keep->sources[0]), CONF_RELIST);
	assert_int_equal(config_source_change(s, NULL), CONF_REMOVED);
	assert_int_equal(config_source_change(NULL, s), CONF_ADDED);
	assert_false(config_needs_restart(old, changed, &why));
	assert_true(config_needs_restart(old, other, &why));
	assert_non_null(strstr(buf_str(&why), "contact in [daemon]"));
	buf_release(&why);
	config_free(old);
	config_free(same);
	config_free(changed);
	config_free(relist);
	config_free(keep);
	config_free(other);
}

static int
set_up(void **state)
{
	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	buf_init(&mistakes, 1 << 20);
	return mkdtemp(dir) ? 0 : -1;
}

static int
tear_down(void **state)
{
	char *path = xasprintf("%s/sheaf.conf", dir);

	(void)state;
	unlink(path);
	free(path);
	buf_release(&mistakes);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_static_repositories),
	    cmocka_unit_test(test_key_mistakes),
	    cmocka_unit_test(test_keep),
	    cmocka_unit_test(test_keep_mistakes),
	    cmocka_unit_test(test_covers),
	    cmocka_unit_test(test_covers_mistakes),
	    cmocka_unit_test(test_section_mistakes),
	    cmocka_unit_test(test_cross_mistakes),
	    cmocka_unit_test(test_all_mistakes_at_once),
	    cmocka_unit_test(test_directory),
	    cmocka_unit_test(test_reload),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
