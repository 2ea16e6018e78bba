/* A static repository, polled: a complete list whenever it was read whole. */
#include "base/limits.h"
#include "feed_talk.h"

static void
begin(struct feed_talk *t)
{
	talk_begin(t);
	t->source.protocol = PROTOCOL_OAI_STATIC;
	t->source.format = "oai_dc";
}

static struct answer
brings_records(uint64_t added, uint64_t known)
{
	static struct facts_format format = {.prefix = "oai_dc"};
	struct answer a = brings_items(added, known);

	a.facts.body = BODY_STATIC;
	a.facts.format = "oai_dc";
	a.facts.repository_name = "Mechanisms";
	a.facts.formats.items = &format;
	a.facts.formats.count = 1;
	return a;
}

static void
polls(struct feed_talk *t, struct answer a, enum harvest_verdict verdict)
{
	asks(t, "/feed");
	assert_string_equal(t->ask.format, t->source.format);
	assert_string_equal(t->ask.identity, "");
	assert_int_equal(gets(t, a), verdict);
}

static void
it_is_a_complete_list(void **state)
{
	struct feed_talk t;

	(void)state;
	for (int crash = 0; crash < 2; crash++) {
		begin(&t);
		t.crash = crash;
		talk_start(&t, RUN_INCREMENTAL);
		polls(&t, brings_records(20, 0), HARVEST_COMMIT);
		closes_well(&t);
		assert_true(t.close.complete_list);
		assert_string_equal(left(t.facts, "repository"), "Mechanisms");
		assert_string_equal(left(t.facts, "formats"), "oai_dc");
		/* The source's interval decides, not a feed's rhythm. */
		assert_int_equal(t.close.next_ms, 0);
		talk_later(&t, DAY_MS);
		polls(&t, brings_records(2, 18), HARVEST_COMMIT);
		closes_well(&t);
		assert_true(t.close.complete_list);
		talk_end(&t);
	}
}

static void
what_is_equal_is_not_read(void **state)
{
	struct answer a = brings_records(20, 0);
	struct feed_talk t;

	(void)state;
	begin(&t);
	a.etag = "\"v1\"";
	a.body = 7;
	talk_start(&t, RUN_INCREMENTAL);
	polls(&t, a, HARVEST_COMMIT);
	closes_well(&t);
	talk_later(&t, DAY_MS);
	asks(&t, "/feed");
	assert_string_equal(t.ask.etag, "\"v1\"");
	gets(&t, brings_status(304));
	closes_well(&t);
	/* No page, so nothing that could be compared. */
	assert_false(t.close.complete_list);
	talk_later(&t, DAY_MS);
	polls(&t, a, HARVEST_DROP);
	closes_well(&t);
	assert_false(t.close.complete_list);
	/* Another list of the same file was never read. */
	talk_later(&t, DAY_MS);
	t.source.format = "qdc";
	polls(&t, a, HARVEST_COMMIT);
	closes_well(&t);
	assert_true(t.close.complete_list);
	/* Nor is it believed for longer than a week. */
	talk_later(&t, 8 * DAY_MS);
	polls(&t, a, HARVEST_COMMIT);
	closes_well(&t);
	assert_true(t.close.complete_list);
	talk_end(&t);
}

static void
what_is_not_whole_deletes_nothing(void **state)
{
	struct answer a = brings_records(19, 0);
	struct feed_talk t;

	(void)state;
	begin(&t);
	a.facts.rejected = a.counts.rejected = 1;
	talk_start(&t, RUN_INCREMENTAL);
	polls(&t, a, HARVEST_COMMIT);
	closes_well(&t);
	assert_false(t.close.complete_list);
	talk_later(&t, DAY_MS);
	a = brings_records(0, 20);
	a.facts.has_token = true;
	a.facts.token = "next";
	polls(&t, a, HARVEST_COMMIT);
	closes_well(&t);
	assert_false(t.close.complete_list);
	assert_non_null(strstr(left(t.facts, "note"), "resumptionToken"));
	/* An empty one is the end of a list like any other. */
	talk_later(&t, DAY_MS);
	a.facts.token = "";
	polls(&t, a, HARVEST_COMMIT);
	closes_well(&t);
	assert_true(t.close.complete_list);
	assert_string_equal(left(t.facts, "note"), "");
	talk_end(&t);
}

/* Two lists, of which the request brought one. */
static struct answer
brings_list(const char *format)
{
	static struct facts_format offered[] = {
	    {.prefix = "oai_dc"}, {.prefix = "xoai"}};
	struct answer a = brings_records(4, 0);

	a.facts.format = format;
	a.facts.formats.items = offered;
	a.facts.formats.count = 2;
	return a;
}

static struct answer
lacks(const char *format)
{
	struct answer a = brings_list(NULL);

	a.facts.err_class = ERR_PROTO;
	a.facts.err_text = format;
	return a;
}

static void
asks_for(struct feed_talk *t, const char *format, struct answer a,
    enum harvest_verdict verdict)
{
	asks(t, "/feed");
	assert_string_equal(t->ask.format, format);
	assert_int_equal(t->ask.wait_ms, 0);
	assert_int_equal(gets(t, a), verdict);
}

static void
the_list_that_says_most_is_read(void **state)
{
	struct feed_talk t;

	(void)state;
	begin(&t);
	t.source.format = "";
	talk_start(&t, RUN_INCREMENTAL);
	asks_for(&t, "", brings_list("oai_dc"), HARVEST_ABORT);
	asks_for(&t, "xoai", brings_list("xoai"), HARVEST_COMMIT);
	closes_well(&t);
	assert_true(t.close.complete_list);
	/* It is kept to, by this process or another. */
	talk_later(&t, DAY_MS);
	asks_for(&t, "xoai", brings_list("xoai"), HARVEST_COMMIT);
	closes_well(&t);
	/* One that has gone makes way for the next, once. */
	talk_later(&t, DAY_MS);
	asks_for(&t, "xoai", lacks("xoai"), HARVEST_ABORT);
	asks_for(&t, "oai_dc", brings_list("oai_dc"), HARVEST_COMMIT);
	closes_well(&t);
	talk_end(&t);
	/* What is offered and not there at all is an error. */
	begin(&t);
	t.source.format = "";
	talk_start(&t, RUN_INCREMENTAL);
	asks_for(&t, "", lacks("oai_dc"), HARVEST_ABORT);
	asks_for(&t, "xoai", lacks("xoai"), HARVEST_ABORT);
	asks(&t, "/feed");
	gets(&t, lacks("xoai"));
	closes(&t);
	assert_int_equal(t.close.err.class, ERR_PROTO);
	assert_false(t.close.complete_list);
	talk_end(&t);
}

static void fails(struct feed_talk *t, const char *why);

/* A file that offers ever more lists, or one that cannot be told in a request,
 * and has none of them is not asked for ever. */
static void
offers_without_lists_come_to_an_end(void **state)
{
	static char names[64][16];
	static struct facts_format many[64],
	    odd[] = {{.prefix = "two words"}, {.prefix = "tab\there"}};
	struct answer a = lacks("no such list");
	struct feed_talk t;

	(void)state;
	for (size_t i = 0; i < 64; i++) {
		snprintf(names[i], sizeof(names[i]), "format%zu", i);
		many[i].prefix = names[i];
	}
	begin(&t);
	t.source.format = "";
	a.facts.formats.items = many;
	a.facts.formats.count = 64;
	talk_start(&t, RUN_INCREMENTAL);
	asks_for(&t, "", a, HARVEST_ABORT);
	for (size_t i = 0; i + 1 < LIMIT_FORMAT_TRIES; i++)
		asks_for(&t, names[i], a, HARVEST_ABORT);
	asks(&t, "/feed");
	gets(&t, a);
	asks(&t, "/feed");
	gets(&t, a);
	fails(&t, "no such list");
	talk_end(&t);
	begin(&t);
	t.source.format = "";
	a.facts.formats.items = odd;
	a.facts.formats.count = 2;
	talk_start(&t, RUN_INCREMENTAL);
	asks_for(&t, "", a, HARVEST_ABORT);
	asks(&t, "/feed");
	gets(&t, a);
	fails(&t, "no such list");
	talk_end(&t);
}

static void
fails(struct feed_talk *t, const char *why)
{
	closes(t);
	assert_false(t->close.completed);
	assert_false(t->close.complete_list);
	if (strstr(t->close.err.text, why) == NULL)
		fail_msg("no \"%s\" in: %s", why, t->close.err.text);
}

static void
what_is_none_fails(void **state)
{
	static const struct {
		enum body_class body;
		const char *why;
	} cases[] = {
	    {BODY_OAI, "set protocol = oai-pmh"},
	    {BODY_FEED, "not a static repository"},
	    {BODY_HTML, "not a static repository"},
	    {BODY_EMPTY, "not a static repository"},
	};
	struct answer a;
	struct feed_talk t;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(&t);
		a = brings_body(cases[i].body, "News", NULL);
		talk_start(&t, RUN_INCREMENTAL);
		polls(&t, a, HARVEST_ABORT);
		polls(&t, a, HARVEST_ABORT);
		fails(&t, cases[i].why);
		talk_end(&t);
	}
	/* One that ends too early, or lacks the format. */
	begin(&t);
	a = brings_records(5, 0);
	a.facts.body = BODY_TRUNCATED;
	a.facts.err_class = ERR_XML;
	a.facts.err_text = "the page ends inside <ListRecords>";
	talk_start(&t, RUN_INCREMENTAL);
	polls(&t, a, HARVEST_ABORT);
	polls(&t, a, HARVEST_ABORT);
	fails(&t, "the page ends inside");
	talk_end(&t);
}

/* A web page is not followed to a feed. */
static void
nothing_is_discovered(void **state)
{
	struct answer a =
	    brings_body(BODY_HTML, "News", "https://example.org/rss");
	struct feed_talk t;

	(void)state;
	begin(&t);
	talk_start(&t, RUN_INCREMENTAL);
	polls(&t, a, HARVEST_ABORT);
	polls(&t, a, HARVEST_ABORT);
	fails(&t, "an HTML page");
	talk_end(&t);
}

/* What our own disk says now it says in a minute. */
static void
a_file_is_not_asked_again(void **state)
{
	struct answer a = {.transfer = ERR_SYSTEM};
	struct feed_talk t;

	(void)state;
	begin(&t);
	t.source.file = "/srv/mechanisms.xml";
	talk_start(&t, RUN_INCREMENTAL);
	polls(&t, a, HARVEST_RETRY);
	fails(&t, "");
	assert_int_equal(t.close.err.class, ERR_SYSTEM);
	talk_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_a_complete_list),
	    cmocka_unit_test(what_is_equal_is_not_read),
	    cmocka_unit_test(what_is_not_whole_deletes_nothing),
	    cmocka_unit_test(the_list_that_says_most_is_read),
	    cmocka_unit_test(offers_without_lists_come_to_an_end),
	    cmocka_unit_test(what_is_none_fails),
	    cmocka_unit_test(nothing_is_discovered),
	    cmocka_unit_test(a_file_is_not_asked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
