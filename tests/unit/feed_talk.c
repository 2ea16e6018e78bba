/* Conversations with the feed driver, as feed_talk.h says. */
#include "feed_talk.h"

#include "base/alloc.h"
#include "sched/kv.h"

static const char site[] = "https://example.org";

void
talk_begin(struct feed_talk *t)
{
	enum granularity g;

	*t = (struct feed_talk){0};
	t->source = (struct conf_source){
	    .name = "test",
	    .protocol = PROTOCOL_FEED,
	    .url = "https://example.org/feed",
	    .file = "",
	    .host = site,
	    .format = "",
	    .page_param = "",
	    .page_first = 2,
	    .interval_ms = DAY_MS,
	    .interval_min_ms = 15 * MINUTE_MS,
	    .retry_after_min_ms = 1000,
	    .retry_after_max_ms = HOUR_MS,
	};
	t->state = xstrdup("");
	t->quirks = xstrdup("");
	t->facts = xstrdup("");
	t->open.checkpoints = "";
	t->open.random = 1;
	date_parse("2026-11-24T12:00:00Z", &t->now_us, &g);
}

static void
keep(char **at, const char *text)
{
	char *copy = xstrdup(text);

	free(*at);
	*at = copy;
}

static void
drop_run(struct feed_talk *t)
{
	if (t->run != NULL)
		feed_run_free(t->run);
	t->run = NULL;
}

void
talk_end(struct feed_talk *t)
{
	drop_run(t);
	free(t->state);
	free(t->quirks);
	free(t->facts);
}

void
talk_start(struct feed_talk *t, enum run_mode mode)
{
	keep(&t->state, "");
	t->open.page_no = 0;
	t->open.mode = mode;
	talk_crash(t);
}

void
talk_later(struct feed_talk *t, int64_t ms)
{
	t->now_us += ms * 1000;
	t->open.active = 100;
	talk_start(t, RUN_INCREMENTAL);
}

void
talk_crash(struct feed_talk *t)
{
	drop_run(t);
	t->open.state = t->state;
	t->open.quirks = t->quirks;
	t->open.now_us = t->now_us;
	t->run = feed_run_new(&t->source, &t->open);
}

void
asks(struct feed_talk *t, const char *path)
{
	char url[4096];
	enum harvest_step s = feed_run_next(t->run, &t->ask);

	snprintf(url, sizeof(url), "%s%s", path[0] == '/' ? site : "", path);
	if (s == HARVEST_STEP_CLOSE) {
		closes(t);
		print_error("closed: %s\n", t->close.err.text);
	}
	assert_int_equal(s, HARVEST_STEP_REQUEST);
	assert_string_equal(t->ask.url, url);
}

void
closes(struct feed_talk *t)
{
	enum harvest_step s = feed_run_next(t->run, &t->ask);

	if (s == HARVEST_STEP_REQUEST)
		print_error("asks %s\n", t->ask.url);
	assert_int_equal(s, HARVEST_STEP_CLOSE);
	feed_run_close(t->run, &t->close);
	keep(&t->quirks, t->close.quirks);
	if (t->close.facts[0] != '\0')
		keep(&t->facts, t->close.facts);
}

void
closes_well(struct feed_talk *t)
{
	closes(t);
	assert_string_equal(t->close.err.text, "");
	assert_true(t->close.completed);
	assert_true(
	    (t->close.next_ms > 0) == (t->source.protocol == PROTOCOL_FEED));
}

const char *
left(const char *lines, const char *key)
{
	static char value[4096];
	struct kv kv = {0};

	kv_read(&kv, lines);
	snprintf(value, sizeof(value), "%s", kv_get(&kv, key));
	kv_release(&kv);
	return value;
}

static const char *
text(const char *s)
{
	return s != NULL ? s : "";
}

static enum harvest_verdict
hand_over(struct feed_talk *t, struct answer *a, uint64_t body)
{
	uint64_t hash[2] = {body, 7};
	struct harvest_fetched f = {
	    .page_no = t->ask.page_no,
	    .err_class = a->transfer,
	    .err_text = a->transfer ? "the transfer failed" : "",
	    .status = a->status,
	    .etag = text(a->etag),
	    .last_modified = text(a->last_modified),
	    .cache_control = text(a->cache_control),
	    .expires = text(a->expires),
	    .retry_after = text(a->retry_after),
	    .moved_url = text(a->moved_url),
	    .body_bytes = a->no_body ? 0 : 1000,
	    .body_hash = (const uint8_t *)hash,
	    .now_us = t->now_us,
	};
	enum harvest_verdict v = feed_run_fetched(t->run, &f, &t->why);

	if (v != HARVEST_PARSE)
		return v;
	if (a->offer.url != NULL) {
		a->facts.offers.items = &a->offer;
		a->facts.offers.count = 1;
	}
	v = feed_run_facts(t->run, t->ask.page_no, &a->facts, &t->why);
	if (v != HARVEST_COMMIT)
		return v;
	keep(&t->state, feed_run_state(t->run, t->ask.page_no, &(int64_t){0}));
	assert_true(t->state[0] != '\0');
	feed_run_committed(t->run, t->ask.page_no, &a->counts);
	t->open.page_no = t->ask.page_no;
	return v;
}

enum harvest_verdict
gets(struct feed_talk *t, struct answer a)
{
	static uint64_t fresh = 1000000;
	uint64_t body = a.body ? a.body : ++fresh;
	char *url = xstrdup(t->ask.url);
	enum harvest_verdict v = hand_over(t, &a, body);

	if (v == HARVEST_COMMIT && t->crash) {
		talk_crash(t);
		asks(t, url);
		a.counts.unchanged +=
		    a.counts.added + a.counts.changed + a.counts.touched;
		a.counts.added = a.counts.changed = a.counts.touched = 0;
		v = hand_over(t, &a, body);
	}
	free(url);
	return v;
}

struct answer
brings_items(uint64_t added, uint64_t known)
{
	return (struct answer){
	    .status = 200,
	    .facts =
		{
		    .body = BODY_FEED,
		    .format = "rss-2.0",
		    .records = added + known,
		    .feed = {.title = "News"},
		},
	    .counts = {.added = added, .unchanged = known},
	};
}

struct answer
brings_next(uint64_t added, uint64_t known, const char *next)
{
	struct answer a = brings_items(added, known);

	a.facts.feed.next = next;
	return a;
}

struct answer
brings_archive(uint64_t added, uint64_t known, const char *prev)
{
	struct answer a = brings_items(added, known);

	a.facts.feed.prev_archive = prev;
	return a;
}

struct answer
brings_status(unsigned status)
{
	return (struct answer){.status = status, .no_body = true};
}

struct answer
brings_body(enum body_class body, const char *title, const char *offer)
{
	return (struct answer){
	    .status = 200,
	    .facts = {.body = body, .title = title},
	    .offer = {.url = offer, .type = "application/rss+xml"},
	};
}
