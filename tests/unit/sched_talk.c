/* Conversations with the driver, as sched_talk.h says. */
#include "sched_talk.h"

#include "base/alloc.h"

static const char base_url[] = "https://example.org/oai";

void
talk_begin(struct talk *t, int way)
{
	enum granularity g;

	*t = (struct talk){.way = way};
	t->source = (struct conf_source){
	    .name = "test",
	    .url = base_url,
	    .host = "https://example.org",
	    .format = "oai_dc",
	    .from = "",
	    .until = "",
	    .overlap_ms = (int64_t)48 * 3600 * 1000,
	    .window = WINDOW_AUTO,
	    .verb_mode = VERB_MODE_AUTO,
	    .retry_after_min_ms = 1000,
	    .retry_after_max_ms = 3600 * 1000,
	};
	t->state = xstrdup("");
	t->quirks = xstrdup("");
	t->open.checkpoints = "";
	t->open.random = 1;
	date_parse("2026-11-24T12:00:00Z", &t->now_us, &g);
}

void
talk_end(struct talk *t)
{
	oai_run_free(t->run);
	free(t->state);
	free(t->quirks);
}

void
talk_start(struct talk *t, enum run_mode mode)
{
	t->open.mode = mode;
	t->open.now_us = t->now_us;
	if (t->open.quirks == NULL)
		t->open.quirks = "";
	t->open.state = t->state;
	t->run = oai_run_new(&t->source, &t->open);
}

void
talk_crash(struct talk *t)
{
	oai_run_free(t->run);
	t->pending = 0;
	t->open.state = t->state;
	t->run = oai_run_new(&t->source, &t->open);
}

void
talk_commit(struct talk *t)
{
	assert_true(t->pending > 0);
	free(t->state);
	t->state = xstrdup(oai_run_state(t->run, t->pending, NULL));
	assert_true(t->state[0] != '\0');
	oai_run_committed(t->run, t->pending, &t->counts);
	t->open.wanted += t->counts.wanted;
	t->open.page_no = t->pending;
	t->pending = 0;
	if (t->way == TALK_CRASH)
		talk_crash(t);
}

static enum harvest_step
step(struct talk *t)
{
	enum harvest_step s = oai_run_next(t->run, &t->ask);

	if (s == HARVEST_STEP_WAIT && t->pending > 0) {
		talk_commit(t);
		s = oai_run_next(t->run, &t->ask);
	}
	return s;
}

void
asks(struct talk *t, const char *query)
{
	char url[4096];
	enum harvest_step s = step(t);

	snprintf(url, sizeof(url), "%s?%s", base_url, query);
	if (s == HARVEST_STEP_CLOSE) {
		closes(t);
		print_error("closed: %s\n", t->close.err.text);
	}
	assert_int_equal(s, HARVEST_STEP_REQUEST);
	assert_string_equal(t->ask.url, url);
}

void
closes(struct talk *t)
{
	enum harvest_step s = step(t);

	if (s == HARVEST_STEP_REQUEST)
		print_error("asks %s\n", t->ask.url);
	assert_int_equal(s, HARVEST_STEP_CLOSE);
	oai_run_close(t->run, &t->close);
}

enum harvest_verdict
gets(struct talk *t, struct brings b)
{
	static uint64_t fresh = 1000000;
	uint64_t body[2] = {b.body ? b.body : ++fresh, 7};
	struct harvest_fetched f = {
	    .page_no = t->ask.page_no,
	    .err_class = b.transfer,
	    .err_text = b.transfer ? "the transfer failed" : "",
	    .status = b.status,
	    .retry_after = b.retry_after ? b.retry_after : "",
	    .moved_url = b.moved_url ? b.moved_url : "",
	    .body_bytes = b.no_body ? 0 : 1000,
	    .body_hash = (const uint8_t *)body,
	    .now_us = t->now_us,
	};
	enum harvest_verdict v = oai_run_fetched(t->run, &f, &t->why);

	if (v != HARVEST_PARSE)
		return v;
	if (b.error.code != NULL) {
		b.facts.errors.items = &b.error;
		b.facts.errors.count = 1;
	}
	v = oai_run_facts(t->run, t->ask.page_no, &b.facts, &t->why);
	if (v != HARVEST_COMMIT)
		return v;
	if (t->pending > 0) /* in order: the older page comes first */
		talk_commit(t);
	t->pending = t->ask.page_no;
	if (t->way != TALK_AHEAD)
		talk_commit(t);
	return v;
}

static struct brings
good(void)
{
	return (struct brings){
	    .status = 200,
	    .facts =
		{
		    .body = BODY_OAI,
		    .response_date = "2026-11-24T12:00:00Z",
		    .cursor = -1,
		    .list_size = -1,
		},
	};
}

struct brings
brings_identify(const char *granularity, const char *earliest)
{
	struct brings b = good();

	b.facts.verb = "Identify";
	b.facts.repository_name = "A repository";
	b.facts.base_url = base_url;
	b.facts.granularity = granularity;
	b.facts.earliest_datestamp = earliest;
	b.facts.deleted_record = "persistent";
	return b;
}

struct brings
brings_page(uint64_t records, uint64_t ids, const char *token)
{
	struct brings b = good();

	b.facts.records = records;
	b.facts.has_token = token != NULL;
	b.facts.token = token;
	memcpy(b.facts.ids_hash, &ids, sizeof(ids));
	return b;
}

struct brings
brings_error(const char *code)
{
	struct brings b = good();

	b.error = (struct facts_error){code, "so the server says"};
	return b;
}

struct brings
brings_status(unsigned status, enum body_class body, const char *title)
{
	struct brings b = good();

	b.status = status;
	b.facts.body = body;
	b.facts.title = title;
	if (body == BODY_EMPTY)
		b.no_body = true;
	return b;
}

struct brings brings_nothing(enum err_class class)
{
	struct brings b = {.transfer = class, .no_body = true};

	return b;
}

void
identifies(struct talk *t)
{
	asks(t, "verb=Identify");
	assert_int_equal(gets(t, brings_identify("YYYY-MM-DDThh:mm:ssZ",
				     "2020-01-01T00:00:00Z")),
	    HARVEST_COMMIT);
}
