/* Dates, increments, sets, formats, and the ways of listing: MISBEHAVIOUR D19
 * to D22. */
#include "base/limits.h"
#include "sched/format.h"
#include "sched_talk.h"

#define LIST "verb=ListRecords&metadataPrefix=oai_dc"

/* D19 */
static void
a_granularity_that_lies_is_learned(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		t.open.checkpoints = "\t2026-11-01T10:00:00Z\n";
		talk_start(&t, RUN_INCREMENTAL);
		identifies(&t);
		asks(&t, LIST "&from=2026-11-01T10%3A00%3A00Z");
		gets(&t, brings_error("badArgument"));
		asks(&t, LIST "&from=2026-11-01");
		gets(&t, brings_page(10, 1, NULL));
		closes(&t);
		assert_true(t.close.completed);
		assert_string_equal(t.close.quirks, "granularity=day\n");
		assert_string_equal(t.close.checkpoints, "\t2026-11-22\n");
	}
	/* and remembered */
	TALK_FOR_ALL(&t)
	{
		t.open.checkpoints = "\t2026-11-01T10:00:00Z\n";
		t.open.quirks = "granularity=day\nunknown=kept\n";
		talk_start(&t, RUN_INCREMENTAL);
		identifies(&t);
		asks(&t, LIST "&from=2026-11-01");
		gets(&t, brings_page(10, 1, NULL));
		closes(&t);
		assert_string_equal(
		    t.close.quirks, "granularity=day\nunknown=kept\n");
	}
}

static void
datestamps_tell_the_granularity_too(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		struct brings b = brings_page(10, 1, NULL);

		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		b.facts.min_datestamp = "2020-01-02";
		b.facts.max_datestamp = "2026-01-02";
		gets(&t, b);
		closes(&t);
		assert_string_equal(t.close.checkpoints, "\t2026-11-22\n");
	}
}

static void
a_server_without_dates_is_listed_whole(void **state)
{
	struct talk t;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	t.open.checkpoints = "\t2026-11-01T10:00:00Z\n";
	talk_start(&t, RUN_INCREMENTAL);
	identifies(&t);
	asks(&t, LIST "&from=2026-11-01T10%3A00%3A00Z");
	gets(&t, brings_error("badArgument"));
	asks(&t, LIST "&from=2026-11-01");
	gets(&t, brings_error("badArgument"));
	asks(&t, LIST);
	gets(&t, brings_page(10, 1, NULL));
	closes(&t);
	assert_true(t.close.completed);
	assert_true(t.close.complete_list);
	assert_string_equal(t.close.quirks, "from=refused\n");
	talk_end(&t);
}

static void
a_from_that_is_ignored_is_noticed(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		struct brings b = brings_page(100, 1, NULL);

		t.open.checkpoints = "\t2026-11-01\n";
		talk_start(&t, RUN_INCREMENTAL);
		identifies(&t);
		asks(&t, LIST "&from=2026-11-01T00%3A00%3A00Z");
		b.facts.outside_window = 90;
		gets(&t, b);
		closes(&t);
		assert_true(t.close.completed);
		assert_false(t.close.complete_list);
		assert_string_equal(t.close.quirks, "from=ignored\n");
	}
}

static void
an_earliest_datestamp_of_nonsense_is_ignored(void **state)
{
	static const char *const nonsense[] = {
	    "0000-00-00", "", "2099-01-01", "1970-01-01T00:00:00Z", "never"};
	struct talk t;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		TALK_FOR_ALL(&t)
		{
			t.source.window = WINDOW_YEAR;
			talk_start(&t, RUN_FULL);
			asks(&t, "verb=Identify");
			gets(&t, brings_identify("YYYY-MM-DD", nonsense[i]));
			asks(&t, LIST "&until=1995-12-31");
			gets(&t, brings_error("noRecordsMatch"));
			asks(&t, LIST "&from=1996-01-01&until=1996-12-31");
		}
}

static void
windows_of_the_configuration(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		t.source.window = WINDOW_MONTH;
		t.source.from = "2026-09-15";
		t.source.until = "2026-10-20";
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST "&from=2026-09-15T00%3A00%3A00Z"
			      "&until=2026-09-30T23%3A59%3A59Z");
		gets(&t, brings_page(5, 1, NULL));
		asks(&t, LIST "&from=2026-10-01T00%3A00%3A00Z"
			      "&until=2026-10-20T23%3A59%3A59Z");
		gets(&t, brings_page(5, 2, NULL));
		closes(&t);
		assert_true(t.close.completed);
		assert_false(t.close.complete_list);
	}
}

/* A finished past: the second harvest asks for its end, legally. */
static void
nothing_is_asked_behind_until(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		t.source.until = "2024-10-20";
		t.open.checkpoints = "\t2026-11-20\n";
		talk_start(&t, RUN_INCREMENTAL);
		identifies(&t);
		asks(&t, LIST "&from=2024-10-18T23%3A59%3A59Z"
			      "&until=2024-10-20T23%3A59%3A59Z");
		gets(&t, brings_error("noRecordsMatch"));
		closes(&t);
		assert_true(t.close.completed);
		assert_string_equal(
		    t.close.checkpoints, "\t2024-10-18T23:59:59Z\n");
	}
}

/* ListSets only explains a list: it cannot spoil the run. */
static void
a_set_may_be_empty_where_sets_are_not_told(void **state)
{
	const char *sets[] = {"quiet", NULL};
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		t.source.sets = sets;
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST "&set=quiet");
		gets(&t, brings_error("noRecordsMatch"));
		asks(&t, "verb=ListSets");
		gets(&t, brings_status(404, BODY_OTHER, "Not here"));
		closes(&t);
		assert_true(t.close.completed);
		assert_string_equal(t.close.suspicion, "");
	}
}

static void
windows_that_are_ignored_are_left_alone(void **state)
{
	struct talk t;
	struct brings b = brings_page(100, 1, NULL);

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	t.open.quirks = "window=month\n";
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, LIST "&until=2020-01-31T23%3A59%3A59Z");
	b.facts.outside_window = 80;
	assert_int_equal(gets(&t, b), HARVEST_ABORT);
	asks(&t, LIST);
	b.facts.outside_window = 0;
	gets(&t, b);
	closes(&t);
	assert_true(t.close.completed);
	assert_null(strstr(t.close.quirks, "window"));
	talk_end(&t);
}

/* D20 */
static void
the_next_from_is_the_servers_time_less_an_overlap(void **state)
{
	static const struct {
		const char *said, *next;
	} cases[] = {
	    {"2026-11-24T11:59:00Z", "\t2026-11-22T11:59:00Z\n"},
	    /* clocks that are off: the earlier of the two */
	    {"2026-12-24T12:00:00Z", "\t2026-11-22T12:00:00Z\n"},
	    {"2026-10-24T12:00:00Z", "\t2026-10-22T12:00:00Z\n"},
	    {"", "\t2026-11-22T12:00:00Z\n"},
	    {"yesterday", "\t2026-11-22T12:00:00Z\n"},
	};
	struct talk t;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		TALK_FOR_ALL(&t)
		{
			struct brings b = brings_identify(
			    "YYYY-MM-DDThh:mm:ssZ", "2020-01-01");

			talk_start(&t, RUN_INCREMENTAL);
			asks(&t, "verb=Identify");
			b.facts.response_date = cases[i].said;
			gets(&t, b);
			asks(&t, LIST);
			gets(&t, brings_page(10, 1, NULL));
			closes(&t);
			assert_string_equal(t.close.checkpoints, cases[i].next);
		}
}

static void
a_checkpoint_of_the_future_is_not_asked(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		t.open.checkpoints = "\t2031-01-01T00:00:00Z\n";
		talk_start(&t, RUN_INCREMENTAL);
		identifies(&t);
		asks(&t, LIST "&from=2026-11-22T12%3A00%3A00Z");
	}
}

/* D22: the breaker is store's; the driver says what looks wrong. */
static void
an_emptied_source_is_suspicious(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		t.open.active = 300;
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		gets(&t, brings_error("noRecordsMatch"));
		closes(&t);
		assert_non_null(strstr(t.close.suspicion, "empty"));
	}
}

static void
each_set_has_its_checkpoint_and_its_fate(void **state)
{
	const char *sets[] = {"a", "typo", "c", NULL};
	struct talk t;
	struct facts_set offered[] = {{"a", "A"}, {"c", "C"}};

	(void)state;
	TALK_FOR_ALL(&t)
	{
		struct brings b = brings_identify("", "");

		t.source.sets = sets;
		t.open.checkpoints = "c\t2026-11-02\na\t2026-11-03\n"
				     "gone\t2020-01-01\n";
		talk_start(&t, RUN_INCREMENTAL);
		asks(&t, "verb=Identify");
		gets(&t, brings_identify("YYYY-MM-DD", "2001-01-01"));
		asks(&t, LIST "&from=2026-11-03&set=a");
		gets(&t, brings_error("noRecordsMatch"));
		asks(&t, LIST "&set=typo");
		gets(&t, brings_error("noRecordsMatch"));
		asks(&t, "verb=ListSets");
		b.facts.verb = "ListSets";
		b.facts.sets.items = offered;
		b.facts.sets.count = 2;
		assert_int_equal(gets(&t, b), HARVEST_COMMIT);
		asks(&t, LIST "&from=2026-11-02&set=c");
		gets(&t, brings_page(4, 1, NULL));
		closes(&t);
		assert_false(t.close.completed);
		assert_non_null(strstr(t.close.err.text,
		    "set \"typo\" is not offered; offered: a, c"));
		assert_string_equal(
		    t.close.checkpoints, "a\t2026-11-22\nc\t2026-11-22\n");
	}
}

static void
formats_are_found_or_named(void **state)
{
	struct facts_format offered[] = {
	    {"marcxml", "http://x/marc.xsd", "http://x/marc/"},
	    {"oai_dc", "http://x/dc.xsd", "http://x/dc/"}};
	static const struct {
		const char *asked, *found;
	} cases[] = {{"", "marcxml"}, {"http://x/marc", "marcxml"},
	    {"http://x/marc.xsd", "marcxml"}, {"http://x/other", NULL}};
	struct talk t;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		TALK_FOR_ALL(&t)
		{
			struct brings b = brings_identify("", "");
			char query[200];

			t.source.format = cases[i].asked;
			talk_start(&t, RUN_FULL);
			identifies(&t);
			asks(&t, "verb=ListMetadataFormats");
			b.facts.verb = "ListMetadataFormats";
			b.facts.formats.items = offered;
			b.facts.formats.count = 2;
			gets(&t, b);
			if (cases[i].found == NULL) {
				closes(&t);
				assert_non_null(strstr(t.close.err.text,
				    "offered: marcxml, oai_dc"));
				continue;
			}
			snprintf(query, sizeof(query),
			    "verb=ListRecords&metadataPrefix=%s",
			    cases[i].found);
			asks(&t, query);
			assert_string_equal(t.ask.format, cases[i].found);
		}
	/* a configured one that is refused */
	talk_begin(&t, TALK_PLAIN);
	t.source.format = "xoai";
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, "verb=ListRecords&metadataPrefix=xoai");
	gets(&t, brings_error("cannotDisseminateFormat"));
	asks(&t, "verb=ListMetadataFormats");
	{
		struct brings b = brings_identify("", "");

		b.facts.verb = "ListMetadataFormats";
		b.facts.formats.items = offered;
		b.facts.formats.count = 2;
		gets(&t, b);
	}
	closes(&t);
	assert_non_null(
	    strstr(t.close.err.text, "format \"xoai\" is not offered"));
	talk_end(&t);
}

/* Of what platforms offer, as they name it. */
static void
the_format_that_says_most(void **state)
{
	static const struct {
		const char *offered[10], *chosen;
	} rows[] = {
	    {{"oai_dc"}, "oai_dc"},
	    {{NULL}, NULL},
	    /* DSpace 7 */
	    {{"uketd_dc", "qdc", "dim", "oai_dc", "marc", "mods", "xoai",
		 "oai_openaire"},
		"xoai"},
	    {{"oai_dc", "mets", "rdf", "ore", "qdc"}, "qdc"},
	    {{"oai_dc", "DIM"}, "DIM"},
	    /* Zenodo, Dataverse */
	    {{"marcxml", "oai_dc", "oai_datacite", "marc21", "datacite",
		 "dcat"},
		"oai_datacite"},
	    {{"oai_dc", "oai_ddi", "dataverse_json", "Datacite"}, "Datacite"},
	    /* Invenio, Koha; OJS makes its MARC of Dublin Core */
	    {{"oai_dc", "marcxml"}, "marcxml"},
	    {{"oai_dc", "marc21"}, "marc21"},
	    {{"oai_dc", "oai_marc", "marcxml", "rfc1807"}, "oai_dc"},
	    /* Islandora, EPrints */
	    {{"oai_dc", "mods"}, "mods"},
	    {{"didl", "mets", "oai_dc", "rdf", "uketd_dc"}, "oai_dc"},
	    /* by namespace */
	    {{"oai_dc", "ours=http://www.dspace.org/xmlns/dspace/dim"}, "ours"},
	    {{"oai_dc", "k4=https://datacite.org/schema/kernel-4"}, "k4"},
	    /* without a crosswalk, or without what everybody owes */
	    {{"oai_dc", "iso19139", "oai_marc"}, "oai_dc"},
	    {{"iso19139", "mets"}, "mets"},
	    {{"iso19139", "ddi"}, "iso19139"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct facts_format items[10];
		struct page_facts f = {0};
		struct format_choice c;
		char text[10][80];

		f.formats.items = items;
		while (rows[i].offered[f.formats.count] != NULL) {
			size_t n = f.formats.count++;
			char *ns;

			strcpy(text[n], rows[i].offered[n]);
			ns = strchr(text[n], '=');
			if (ns != NULL)
				*ns++ = '\0';
			items[n] = (struct facts_format){text[n], NULL, ns};
		}
		c = format_best(&f, "");
		if (rows[i].chosen == NULL)
			assert_null(c.format);
		else
			assert_string_equal(c.format->prefix, rows[i].chosen);
		assert_non_null(c.why);
	}
}

static struct facts_format dspace[] = {
    {"oai_dc", "", "http://www.openarchives.org/OAI/2.0/oai_dc/"},
    {"dim", "", "http://www.dspace.org/xmlns/dspace/dim"},
    {"xoai", "", "http://www.lyncode.com/xoai"}};

static void
offers_formats(struct talk *t, size_t n)
{
	struct brings b = brings_identify("", "");

	identifies(t);
	asks(t, "verb=ListMetadataFormats");
	b.facts.verb = "ListMetadataFormats";
	b.facts.formats.items = dspace;
	b.facts.formats.count = n;
	gets(t, b);
}

static void
lists_in(struct talk *t, const char *format)
{
	char query[100];

	snprintf(
	    query, sizeof(query), "verb=ListRecords&metadataPrefix=%s", format);
	asks(t, query);
	gets(t, brings_page(10, 1, NULL));
	closes(t);
	assert_true(t->close.completed);
}

/* What was chosen once stays, and a better one is told of. */
static void
the_choice_is_kept(void **state)
{
	static const struct {
		const char *quirks, *checkpoints;
		size_t offered;
		const char *format, *quirks_after, *note;
	} rows[] = {
	    {"", "", 3, "xoai", "format=xoai\n", NULL},
	    {"", "", 1, "oai_dc", "format=oai_dc\n", NULL},
	    {"format=dim\n", "", 2, "dim", "format=dim\n", NULL},
	    {"format=dim\n", "", 3, "dim", "format=dim\nformat_better=xoai\n",
		NULL},
	    {"format=dim\nformat_better=xoai\n", "", 2, "dim", "format=dim\n",
		NULL},
	    /* harvested before the choice was kept */
	    {"", "\t2026-11-01", 3, "oai_dc",
		"format=oai_dc\nformat_better=xoai\n", NULL},
	    /* what is gone is replaced by the best that is there */
	    {"format=xoai\n", "\t2026-11-01", 2, "dim", "format=dim\n",
		"its format xoai is not offered any more: everything is read "
		"anew as dim"},
	    /* as long as anything is told */
	    {"format=xoai\n", "", 0, "xoai", "format=xoai\n", NULL},
	    {"format=dim\nformat_refused=xoai\n", "", 3, "dim",
		"format=dim\nformat_refused=xoai\n", NULL},
	};
	struct talk t;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		TALK_FOR_ALL(&t)
		{
			bool all = rows[i].checkpoints[0] == '\0' ||
				   rows[i].note != NULL;
			char query[100];

			t.source.format = "";
			t.open.quirks = rows[i].quirks;
			t.open.checkpoints = rows[i].checkpoints;
			talk_start(&t, RUN_INCREMENTAL);
			offers_formats(&t, rows[i].offered);
			if (all) {
				lists_in(&t, rows[i].format);
			} else {
				snprintf(query, sizeof(query),
				    "verb=ListRecords&metadataPrefix=%s&from="
				    "2026-11-01T00%%3A00%%3A00Z",
				    rows[i].format);
				asks(&t, query);
				gets(&t, brings_page(10, 1, NULL));
				closes(&t);
			}
			assert_string_equal(
			    t.close.quirks, rows[i].quirks_after);
			if (rows[i].note != NULL)
				assert_non_null(
				    strstr(t.close.facts, rows[i].note));
		}
	/* a configured one wins, and what was chosen is forgotten */
	talk_begin(&t, TALK_PLAIN);
	t.source.format = "oai_dc";
	t.open.quirks = "format=dim\nformat_better=xoai\n";
	talk_start(&t, RUN_FULL);
	identifies(&t);
	lists_in(&t, "oai_dc");
	assert_string_equal(t.close.quirks, "");
	talk_end(&t);
}

/* Offered and not given: the next best, if nothing was read in it. */
static void
a_choice_that_is_refused(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		t.source.format = "";
		talk_start(&t, RUN_FULL);
		offers_formats(&t, 3);
		asks(&t, "verb=ListRecords&metadataPrefix=xoai");
		gets(&t, brings_error("cannotDisseminateFormat"));
		asks(&t, "verb=ListMetadataFormats");
		{
			struct brings b = brings_identify("", "");

			b.facts.verb = "ListMetadataFormats";
			b.facts.formats.items = dspace;
			b.facts.formats.count = 3;
			gets(&t, b);
		}
		asks(&t, "verb=ListRecords&metadataPrefix=dim");
		gets(&t, brings_error("cannotDisseminateFormat"));
		/* It does not even tell them any more. */
		asks(&t, "verb=ListMetadataFormats");
		gets(&t, brings_status(404, BODY_OTHER, "Not here"));
		closes(&t);
		assert_false(t.close.completed);
		assert_non_null(
		    strstr(t.close.err.text, "cannotDisseminateFormat"));
	}
	/* What was harvested in it before is not read in another. */
	talk_begin(&t, TALK_PLAIN);
	t.source.format = "";
	t.open.quirks = "format=xoai\n";
	talk_start(&t, RUN_FULL);
	offers_formats(&t, 3);
	asks(&t, "verb=ListRecords&metadataPrefix=xoai");
	gets(&t, brings_error("cannotDisseminateFormat"));
	closes(&t);
	assert_false(t.close.completed);
	assert_string_equal(t.close.quirks, "format=xoai\n");
	talk_end(&t);
	/* What takes the place of one that is gone is kept when all was read in
	 * it: a daemon that begins anew knows nothing of ask_full. */
	talk_begin(&t, TALK_PLAIN);
	t.source.format = "";
	t.open.quirks = "format=xoai\n";
	t.open.checkpoints = "\t2026-11-01";
	talk_start(&t, RUN_INCREMENTAL);
	offers_formats(&t, 2);
	asks(&t, "verb=ListRecords&metadataPrefix=dim");
	gets(&t, brings_error("cannotDisseminateFormat"));
	closes(&t);
	assert_false(t.close.completed);
	assert_true(t.close.ask_full);
	assert_string_equal(t.close.quirks, "format=xoai\n");
	talk_end(&t);
}

/* Formats that are offered and all refused are not tried for ever, whatever
 * their names. */
static void
offers_that_are_all_refused(void **state)
{
	static char names[64][128];
	static struct facts_format many[64];
	struct talk t;

	(void)state;
	for (size_t long_names = 0; long_names < 2; long_names++)
		TALK_FOR_ALL(&t)
		{
			struct brings b = brings_identify("", "");
			char query[200];

			for (size_t i = 0; i < 64; i++) {
				snprintf(names[i], sizeof(names[i]),
				    "f%02zu%0*d", i, long_names ? 90 : 1, 0);
				many[i] =
				    (struct facts_format){names[i], "", ""};
			}
			/* Nothing that a request could name. */
			many[0].prefix = "two words";
			b.facts.verb = "ListMetadataFormats";
			b.facts.formats.items = many;
			b.facts.formats.count = 64;
			t.source.format = "";
			talk_start(&t, RUN_FULL);
			identifies(&t);
			for (size_t i = 0; i <= LIMIT_FORMAT_TRIES; i++) {
				asks(&t, "verb=ListMetadataFormats");
				gets(&t, b);
				snprintf(query, sizeof(query),
				    "verb=ListRecords&metadataPrefix=%s",
				    names[i + 1]);
				asks(&t, query);
				gets(&t,
				    brings_error("cannotDisseminateFormat"));
			}
			closes(&t);
			assert_false(t.close.completed);
			assert_non_null(strstr(
			    t.close.err.text, "cannotDisseminateFormat"));
		}
}

/* What the list was answered says more than that formats are not told. */
static void
a_refusal_stands_where_formats_are_not_told(void **state)
{
	struct talk t;

	(void)state;
	TALK_FOR_ALL(&t)
	{
		t.source.format = "oai_dc";
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, LIST);
		gets(&t, brings_error("badArgument"));
		asks(&t, "verb=ListMetadataFormats");
		gets(&t, brings_status(404, BODY_OTHER, "Not here"));
		closes(&t);
		assert_false(t.close.completed);
		assert_non_null(strstr(t.close.err.text, "badArgument"));
		assert_null(strstr(t.close.err.text, "404"));
	}
}

static void
a_state_of_another_configuration_is_not_used(void **state)
{
	struct talk t;

	(void)state;
	talk_begin(&t, TALK_PLAIN);
	talk_start(&t, RUN_FULL);
	identifies(&t);
	asks(&t, LIST);
	gets(&t, brings_page(10, 1, "a"));
	t.source.format = "marcxml";
	talk_crash(&t);
	identifies(&t);
	asks(&t, "verb=ListRecords&metadataPrefix=marcxml");
	assert_int_equal(t.ask.page_no, 4);
	talk_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_granularity_that_lies_is_learned),
	    cmocka_unit_test(datestamps_tell_the_granularity_too),
	    cmocka_unit_test(a_server_without_dates_is_listed_whole),
	    cmocka_unit_test(a_from_that_is_ignored_is_noticed),
	    cmocka_unit_test(an_earliest_datestamp_of_nonsense_is_ignored),
	    cmocka_unit_test(windows_of_the_configuration),
	    cmocka_unit_test(nothing_is_asked_behind_until),
	    cmocka_unit_test(a_set_may_be_empty_where_sets_are_not_told),
	    cmocka_unit_test(windows_that_are_ignored_are_left_alone),
	    cmocka_unit_test(the_next_from_is_the_servers_time_less_an_overlap),
	    cmocka_unit_test(a_checkpoint_of_the_future_is_not_asked),
	    cmocka_unit_test(an_emptied_source_is_suspicious),
	    cmocka_unit_test(each_set_has_its_checkpoint_and_its_fate),
	    cmocka_unit_test(formats_are_found_or_named),
	    cmocka_unit_test(the_format_that_says_most),
	    cmocka_unit_test(the_choice_is_kept),
	    cmocka_unit_test(a_choice_that_is_refused),
	    cmocka_unit_test(offers_that_are_all_refused),
	    cmocka_unit_test(a_refusal_stands_where_formats_are_not_told),
	    cmocka_unit_test(a_state_of_another_configuration_is_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
