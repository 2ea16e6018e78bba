/* Random answers: the driver must not crash, must end within a bounded number
 * of requests, and must come to the same end when its process dies after any
 * page.  And what a page costs. */
#include "sched_talk.h"

#include "sched/backoff.h"

enum { RUNS = 3000, REQUESTS_MAX = 20000 };

static uint64_t seed;

static uint64_t
pick(uint64_t n)
{
	return backoff_random(&seed) % n;
}

static const char *
pick_text(void)
{
	static const char *const texts[] = {NULL, "", " ", "a", "b", "c/d%",
	    "2020-01-01", "0000-00-00", "YYYY-MM-DD", "YYYY-MM-DDThh:mm:ssZ",
	    "2026-11-24T12:00:00Z", "9999-12-31T23:59:59Z", "\xff\xfe",
	    "oai_dc", "noise\n=\t%00"};

	return texts[pick(sizeof(texts) / sizeof(texts[0]))];
}

static struct brings
brings_anything(void)
{
	static const char *const codes[] = {"badArgument", "badResumptionToken",
	    "badVerb", "cannotDisseminateFormat", "idDoesNotExist",
	    "noRecordsMatch", "noSetHierarchy", "other", ""};
	static const unsigned statuses[] = {
	    200, 202, 204, 400, 401, 403, 404, 408, 410, 422, 429, 500, 503};
	static struct facts_format format;
	static struct facts_set set;
	struct brings b;

	switch (pick(12)) {
	case 0:
		return brings_error(codes[pick(9)]);
	case 1:
		/* Final ones are rare, so that runs get somewhere. */
		b = brings_status(statuses[pick(13)],
		    (enum body_class)pick(BODY_CLASS_COUNT), pick_text());
		if (pick(3) > 0)
			b.status = 500;
		b.retry_after = pick_text();
		return b;
	case 2:
		return brings_nothing(
		    pick(20) ? ERR_NET
			     : (enum err_class)(1 + pick(ERR_CLASS_COUNT - 1)));
	case 3:
		b = brings_identify(pick_text(), pick_text());
		b.facts.response_date = pick_text();
		b.facts.verb = pick(2) ? NULL : "Identify";
		return b;
	default:
		b = brings_page(
		    pick(200), pick(40), pick(4) ? pick_text() : NULL);
		b.facts.list_size = (int64_t)pick(3000) - 1;
		b.facts.cursor = (int64_t)pick(300) - 1;
		b.facts.outside_window = pick(10) ? 0 : pick(200);
		b.facts.outside_set = pick(10) ? 0 : pick(200);
		b.facts.min_datestamp = b.facts.max_datestamp = pick_text();
		format = (struct facts_format){"oai_dc", "s", "n"};
		set = (struct facts_set){"s1", "S"};
		b.facts.formats.items = &format;
		b.facts.formats.count = pick(2);
		b.facts.sets.items = &set;
		b.facts.sets.count = pick(2);
		if (pick(10) == 0) {
			b.facts.records = 1000 * pick(12);
			b.facts.token = NULL;
		}
		return b;
	}
}

static void
fuzz_setup(struct talk *t, const char **sets)
{
	static const char *const formats[] = {"oai_dc", "", "http://n"};

	talk_begin(t, (int)pick(TALK_WAYS));
	if (pick(3) == 0)
		t->source.sets = sets;
	t->source.format = formats[pick(3)];
	t->source.window = pick(4) ? WINDOW_AUTO : (enum window)pick(4);
	t->source.verb_mode = (enum verb_mode)pick(3);
	t->open.active = pick(1000);
	t->open.checkpoints = pick(2) ? "" : "\t2026-10-01\ns1\t2026-11-01\n";
	t->open.quirks = pick(2) ? "" : "window=year\ntoken_encoding=raw\n";
	talk_start(t, (enum run_mode)pick(3));
}

static void
any_answers_come_to_an_end(void **state)
{
	const char *sets[] = {"s1", "s2", NULL};
	struct err why = {.class = ERR_XML, .text = "died"};
	unsigned completed = 0;

	(void)state;
	for (seed = 1; seed < RUNS;) {
		uint64_t kept = seed;
		struct talk t;
		int requests = 0;
		bool wanted = false;

		fuzz_setup(&t, sets);
		for (;;) {
			enum harvest_step s = oai_run_next(t.run, &t.ask);

			assert_true(++requests < REQUESTS_MAX);
			if (s == HARVEST_STEP_CLOSE)
				break;
			if (s == HARVEST_STEP_WAIT) {
				assert_true(t.pending > 0);
				if (pick(50) == 0) {
					oai_run_lost(t.run);
					t.pending = 0;
				} else {
					talk_commit(&t);
				}
			} else if (s == HARVEST_STEP_WANT) {
				oai_run_wanted(
				    t.run, wanted ? "" : "i1\ni2\n\ni3");
				wanted = true;
			} else {
				(void)oai_run_where(t.run);
				assert_true(strlen(t.ask.url) > 0);
				t.counts.wanted = pick(3);
				/* oai_run_crash loses what WANT brought. */
				if (gets(&t, brings_anything()) ==
					HARVEST_COMMIT &&
				    t.pending > 0 && pick(30) == 0) {
					oai_run_unparsed(
					    t.run, t.pending, &why, t.now_us);
					t.pending = 0;
				}
			}
		}
		closes(&t);
		completed += t.close.completed;
		if (t.close.completed)
			assert_int_equal(t.close.err.class, ERR_NONE);
		talk_end(&t);
		seed = kept + 1;
	}
	assert_true(completed > 20);
}

static void
any_state_is_read_without_harm(void **state)
{
	(void)state;
	for (seed = 1; seed < 2000; seed++) {
		uint64_t kept = seed;
		struct talk t;
		char *text;
		size_t n;

		talk_begin(&t, TALK_PLAIN);
		talk_start(&t, RUN_FULL);
		identifies(&t);
		asks(&t, "verb=ListRecords&metadataPrefix=oai_dc");
		gets(&t, brings_page(10, 1, "a%\n\tb"));
		text = strdup(t.state);
		n = strlen(text);
		for (int i = 0; i < 3; i++)
			text[pick(n)] = "0189-=\n%ax"[pick(10)];
		free(t.state);
		t.state = text;
		talk_crash(&t);
		(void)oai_run_next(t.run, &t.ask);
		(void)oai_run_where(t.run);
		oai_run_close(t.run, &t.close);
		talk_end(&t);
		seed = kept;
	}
}

static void
a_page_costs_little(void **state)
{
	struct talk t;
	int64_t began;
	enum { PAGES = 20000 };
	char token[64];

	(void)state;
	talk_begin(&t, TALK_AHEAD);
	talk_start(&t, RUN_FULL);
	identifies(&t);
	began = date_monotonic_ms();
	for (uint64_t i = 1; i <= PAGES; i++) {
		oai_run_next(t.run, &t.ask);
		if (t.ask.url[0] == '\0') {
			talk_commit(&t);
			oai_run_next(t.run, &t.ask);
		}
		snprintf(token, sizeof(token), "oai_dc////%llu",
		    (unsigned long long)i);
		gets(&t, brings_page(100, i, token));
	}
	print_message("%d pages: %.1f us a page\n", PAGES,
	    (double)(date_monotonic_ms() - began) * 1000 / PAGES);
	talk_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_answers_come_to_an_end),
	    cmocka_unit_test(any_state_is_read_without_harm),
	    cmocka_unit_test(a_page_costs_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
