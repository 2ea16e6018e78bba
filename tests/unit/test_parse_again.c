/* Items of feeds, stored and read again: with what their context holds of the
 * feed's head, the parser makes of each slice what it made of it on its page.
 * Over feeds of this file, those of tests/golden, and recorded ones where they
 * lie beside the checkout. */
#define _XOPEN_SOURCE 700
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <ftw.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "crosswalk/crosswalk.h"
#include "crosswalk/feed.h"
#include "crosswalk/vocab.h"
#include "parse/feed_page.h"
#include "parse/html.h"
#include "record/context.h"
#include "record/stored.h"
#include "record/stream.h"
#include "tables.h"

enum { MANY = 20000 };

struct kept { /* a record of a stream */
	struct arena arena;
	const char *context;
	const void *slice, *doc;
	size_t slice_len, doc_len;
	uint64_t offset, length;
	uint8_t digest[DIGEST_BYTES];
};

struct talk {
	const char *body;
	size_t len;
	struct kept *kept;
	size_t count;
};

static int
on_record(void *arg, const struct record_head *h, struct err *e)
{
	struct talk *t = arg;
	struct kept *k;

	(void)e;
	if (h->deleted || t->count == MANY)
		return 0;
	k = &t->kept[t->count++];
	arena_init(&k->arena, 0);
	k->context = arena_strdup(&k->arena, h->context ? h->context : "");
	k->offset = h->offset;
	k->length = h->length;
	k->slice_len = h->element_len ? h->element_len : (size_t)h->length;
	k->slice = arena_strndup(&k->arena,
	    h->element_len ? h->element : t->body + h->offset, k->slice_len);
	k->doc_len = h->doc_len;
	k->doc = arena_strndup(&k->arena, h->doc, h->doc_len);
	memcpy(k->digest, h->digest, DIGEST_BYTES);
	return 0;
}

static int
on_reject(void *arg, const struct reject *r, struct err *e)
{
	(void)arg;
	(void)r;
	(void)e;
	return 0;
}

static int
on_page(void *arg, const struct page_facts *f, struct err *e)
{
	(void)arg;
	(void)f;
	(void)e;
	return 0;
}

static void
drop(struct talk *t)
{
	for (size_t i = 0; i < t->count; i++)
		arena_release(&t->kept[i].arena);
	free(t->kept);
}

/* What the parser makes of a body that came from there. */
static void
read_feed(struct talk *t, const char *body, size_t n, const char *base_url)
{
	static const struct stream_ops ops = {on_record, on_reject, on_page};
	struct crosswalk_config config = {.html_text = html_text,
	    .walks = tables_walks(),
	    .base_url = base_url,
	    .kind = "news"};
	struct crosswalk *x = crosswalk_new(&config);
	struct feed_request q = {
	    .ops = &crosswalk_feed_ops, .ops_arg = x, .base_url = base_url};
	int in = memfd_create("page", 0), out = memfd_create("stream", 0);
	struct stream_writer *w = stream_writer_new(out);
	struct stream_reader *r;
	char chunk[65536];
	struct err e;
	ssize_t got;

	*t = (struct talk){.body = body, .len = n};
	t->kept = calloc(MANY, sizeof(*t->kept));
	assert_non_null(t->kept);
	assert_int_equal(write(in, body, n), n);
	lseek(in, 0, SEEK_SET);
	feed_parse(in, &q, w);
	stream_writer_free(w);
	crosswalk_free(x);
	lseek(out, 0, SEEK_SET);
	/* as store does */
	r = stream_reader_new(&ops, t, 4 * n + MIB, n);
	while ((got = read(out, chunk, sizeof(chunk))) > 0)
		assert_int_equal(
		    stream_reader_push(r, chunk, (size_t)got, &e), 0);
	stream_reader_free(r);
	close(in);
	close(out);
}

/* A stored record, as a block of its own. */
static bool
take(struct stored_page *p, const struct kept *k, size_t i)
{
	char *data = malloc(k->slice_len + k->doc_len);
	struct stored_row row = {.block = (int64_t)i + 1,
	    .record_id = (int64_t)i + 1,
	    .context = k->context,
	    .format = "rss-2.0",
	    .raw_length = (int64_t)k->slice_len,
	    .doc_length = (int64_t)k->doc_len,
	    .data = data,
	    .data_len = k->slice_len + k->doc_len};
	bool is_taken;

	memcpy(data, k->slice, k->slice_len);
	memcpy(data + k->slice_len, k->doc, k->doc_len);
	is_taken = stored_page_take(p, &row);
	free(data);
	return is_taken;
}

static void
show(const char *name, const struct kept *was, const struct kept *now)
{
	fprintf(stderr, "%s: another record:\n%s\n%.*s\n", name, was->context,
	    (int)was->slice_len, (const char *)was->slice);
	for (int i = 0; i < 2; i++) {
		struct record r = {0};
		struct buf json;
		struct arena a;
		struct err e;

		arena_init(&a, 0);
		buf_init(&json, GIB);
		record_decode_doc(&r, &a, i ? now->doc : was->doc,
		    i ? now->doc_len : was->doc_len, &e);
		r.identifier = "x";
		record_json(&json, &r, 0);
		fprintf(stderr, "%s\n", buf_str(&json));
		buf_release(&json);
		arena_release(&a);
	}
}

/* How many of a page's records are others than they were. */
static size_t
compare(struct stored_page *p, const struct talk *was, size_t from,
    const struct talk *now, const char *name)
{
	struct arena scratch;
	struct buf kept;
	size_t others = 0;
	struct err e;

	arena_init(&scratch, 0);
	buf_init(&kept, LIMIT_DOC_BYTES);
	for (size_t i = 0; i < now->count; i++) {
		const struct kept *k = &now->kept[i];
		const struct kept *before;
		uint32_t index;

		assert_int_equal(
		    stored_find(p, k->offset, k->length, &index, &e), 0);
		before = &was->kept[from + index];
		if (stored_compare(&kept, before->doc, before->doc_len, k->doc,
			k->doc_len, &scratch, &e) != 0 ||
		    memcmp(before->digest, k->digest, DIGEST_BYTES) != 0) {
			show(name, before, k);
			others++;
		}
	}
	if (stored_check(p, &e) != 0) {
		fprintf(stderr, "%s: %s\n", name, e.text);
		others++;
	}
	buf_release(&kept);
	arena_release(&scratch);
	return others;
}

static size_t pages, records;

static size_t
others(const char *name, const char *body, size_t n, const char *base_url)
{
	struct talk was, now;
	size_t count = 0;
	struct err e;

	read_feed(&was, body, n, base_url);
	for (size_t i = 0, from; i < was.count;) {
		struct stored_page p;

		stored_page_init(&p);
		p.of_feed = true;
		for (from = i; i < was.count && take(&p, &was.kept[i], i); i++)
			;
		assert_true(i > from);
		assert_int_equal(p.block_count, i - from);
		assert_int_equal(stored_page_end(&p, &e), 0);
		read_feed(&now, p.body.data, p.body.len, p.around.base_url);
		count += compare(&p, &was, from, &now, name);
		pages++;
		records += now.count;
		drop(&now);
		stored_page_release(&p);
	}
	drop(&was);
	return count;
}

static size_t
others_of(const char *text)
{
	return others("this file", text, strlen(text),
	    "https://news.example.org/a/feed.xml");
}

/* --- feeds of this file --- */
#define ITEM                                                                   \
	"<item><title>One</title><link>one.html</link>"                        \
	"<description>A text</description></item>"
#define ATOM_ENTRY                                                             \
	"<entry><id>urn:x:1</id><title>One</title><link href='one'/>"          \
	"<summary>A text</summary></entry>"

static const char *const feeds[] = {
    /* what an item has from its channel */
    "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>"
    "<title>The News &amp; more</title><link>http://example.org/</link>"
    "<language>fr</language><copyright>(c) Somebody &lt;b&gt;</copyright>"
    "<lastBuildDate>Mon, 1 Jan 2024 00:00:00 GMT</lastBuildDate>"
    "<dc:publisher>The House</dc:publisher>" ITEM ITEM "</channel></rss>",
    /* markup in the title, a prefix that is not declared */
    "<rss><channel><title>A <b>b</b> &#xd;c</title>"
    "<dc:rights>Ours</dc:rights><dc:language>de</dc:language>" ITEM
    "</channel></rss>",
    /* items beside the channel, an address of their own, two languages */
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
    "xmlns='http://purl.org/rss/1.0/' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/' xml:lang='en' "
    "xml:base='http://base.example.org/b/'>"
    "<channel rdf:about='x' xml:lang='es'><title>T</title>"
    "<dc:rights>Theirs</dc:rights></channel>" ITEM "</rdf:RDF>",
    /* Atom, by a prefix; elements without one are in no namespace */
    "<a:feed xmlns:a='http://www.w3.org/2005/Atom' xml:lang='pt'>"
    "<a:title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>An "
    "<i>Atom</i></div></a:title><a:link rel='self' href='/self'/>"
    "<a:link rel='next' href='/next'/><a:rights>Nobody's</a:rights>"
    "<a:author><a:name>Ann Other</a:name><a:email>a@example.org</a:email>"
    "</a:author><a:entry xml:base='http://other.example.org/'><a:id>1</a:id>"
    "<a:title>One</a:title><title>No title</title>"
    "<a:link href='x'/></a:entry></a:feed>",
    "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='/c/d/'>"
    "<author><name>A</name></author>" ATOM_ENTRY ATOM_ENTRY "</feed>",
    "<feed version='0.3' xmlns='http://purl.org/atom/ns#'>" ATOM_ENTRY
    "</feed>",
    /* CDF */
    "<CHANNEL HREF='http://example.org/' LASTMOD='1998-11-05'><TITLE>C</TITLE>"
    "<ITEM HREF='one' LASTMOD='1998-11-05'><TITLE>O</TITLE></ITEM></CHANNEL>",
    /* no head, no root, not well-formed */
    "<rss><channel>" ITEM "</channel></rss>",
    ITEM ITEM,
    ATOM_ENTRY,
    "<rss><channel><title>T & <b>x</title><copyright>C</copyright>"
    "<item><title>A & B</title><dc:creator>C</dc:creator>"
    "<item><title>C</title></channel>",
    /* two channels */
    "<rss><channel xml:lang='en'><title>T</title>" ITEM "</channel>"
    "<channel xml:lang='fr'><title>U</title>" ITEM "</channel></rss>",
    /* between items, and behind them, stands nothing for those before */
    "<rss><channel>" ITEM "<title>T</title>" ITEM
    "<language>it</language></channel></rss>",
};

static void
items_are_what_they_were(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(feeds) / sizeof(*feeds); i++) {
		records = 0;
		assert_int_equal(others_of(feeds[i]), 0);
		assert_true(records > 0);
	}
}

static void
polls_of_one_feed_have_one_context(void **state)
{
	static const char *const polls[] = {
	    "<rss version='2.0'><channel><title>T</title><pubDate>Mon, 1 Jan "
	    "2024 00:00:00 GMT</pubDate><ttl>5</ttl>" ITEM "</channel></rss>",
	    "<rss version='2.0'><channel><title>T</title><pubDate>Tue, 2 Jan "
	    "2024 00:00:00 GMT</pubDate><ttl>9</ttl>" ITEM "</channel></rss>"};
	struct talk t[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		read_feed(&t[i], polls[i], strlen(polls[i]), "http://x.org/");
		assert_int_equal(t[i].count, 1);
	}
	assert_string_equal(t[0].kept[0].context, t[1].kept[0].context);
	assert_non_null(strstr(t[0].kept[0].context,
	    "\nfeed/1 http://x.org/\n\n<rss version=\"2.0\"><channel>"
	    "<title>T</title></channel>"));
	drop(&t[0]);
	drop(&t[1]);
}

/* A head that is too large is not kept; nor is what would pass for another
 * line of the context. */
static void
hostile_heads(void **state)
{
	static char page[3 * LIMIT_FEED_HEAD_BYTES];
	struct talk t;
	struct context c;
	struct arena a;

	(void)state;
	for (int over = 0; over < 2; over++) {
		size_t n = LIMIT_FEED_HEAD_BYTES - 200 + 400 * (size_t)over;

		snprintf(page, sizeof(page),
		    "<rss xmlns:x='u'><channel><title>%0*d</title>" ITEM
		    "</channel></rss>",
		    (int)n, 0);
		read_feed(&t, page, strlen(page), "http://x.org/");
		assert_int_equal(t.count, 1);
		assert_int_equal(
		    strstr(t.kept[0].context, "feed/1") == NULL, over);
		assert_int_equal(
		    strncmp(t.kept[0].context, "xmlns:x=\"u\"", 11), 0);
		drop(&t);
	}
	arena_init(&a, 0);
	snprintf(page, sizeof(page),
	    "<rss xmlns:x='u&#10;feed/1 y&#10;&#10;z' xml:lang='a&#10;b'>"
	    "<channel><title>T</title><item><title>O</title></item>"
	    "</channel></rss>");
	read_feed(&t, page, strlen(page), "http://x.org/");
	assert_int_equal(t.count, 1);
	context_read(&c, &a, t.kept[0].context);
	assert_int_equal(c.form, CONTEXT_FEED);
	assert_string_equal(c.base_url, "http://x.org/");
	drop(&t);
	read_feed(&t, page, strlen(page), "http://x.org/\nfeed/1");
	assert_int_equal(t.count, 1);
	context_read(&c, &a, t.kept[0].context);
	assert_int_equal(c.form, CONTEXT_PLAIN);
	drop(&t);
	arena_release(&a);
}

/* Items are few bytes, and each has its head: the stream stays small, whether
 * one context follows the other or not. */
static void
a_large_head_is_not_said_with_each_item(void **state)
{
	enum { ITEMS = 3000, TOPICS = 700 };

	(void)state;
	for (int alternates = 0; alternates < 2; alternates++) {
		struct talk t;
		struct buf b;
		size_t with = 0;

		buf_init(&b, MIB);
		buf_adds(&b, "<rss xmlns:a='x' xmlns:b='y'><channel>");
		for (int i = 0; i < TOPICS; i++)
			buf_printf(&b, "<category>Topic %d</category>", i);
		for (int i = 0; i < ITEMS; i++)
			buf_printf(&b, "<item%s><title>T %d</title></item>",
			    !alternates	 ? ""
			    : i % 2 == 0 ? " xmlns:a='z'"
					 : " xmlns:b='z'",
			    i);
		buf_adds(&b, "</channel></rss>");
		read_feed(&t, buf_str(&b), b.len, "http://x.org/");
		assert_int_equal(t.count, ITEMS);
		while (with < ITEMS &&
		       strstr(t.kept[with].context, "\nfeed/1") != NULL)
			with++;
		assert_in_range(with, alternates ? 10 : 2000, ITEMS);
		for (size_t i = with; i < ITEMS; i++)
			assert_null(strstr(t.kept[i].context, "feed/1"));
		drop(&t);
		buf_release(&b);
	}
}

/* --- feeds of others --- */
static size_t files, different;

static int
on_file(const char *path, const struct stat *st, int type, struct FTW *where)
{
	const char *name = path + where->base;
	char *body;
	FILE *f;
	size_t n;

	if (type != FTW_F || st->st_size == 0 ||
	    (strstr(path, "golden") && (strncmp(name, "feed-", 5) != 0 ||
					   strstr(name, ".json") != NULL)))
		return 0;
	f = fopen(path, "rb");
	assert_non_null(f);
	body = malloc((size_t)st->st_size);
	n = fread(body, 1, (size_t)st->st_size, f);
	fclose(f);
	different += others(path, body, n, "https://news.example.org/a/x.xml");
	free(body);
	files++;
	return 0;
}

static void
golden_feeds_are_what_they_were(void **state)
{
	(void)state;
	files = different = 0;
	nftw(SHEAF_SRCDIR "/tests/golden/pages", on_file, 16, FTW_PHYS);
	assert_true(files >= 6);
	assert_int_equal(different, 0);
}

static void
recorded_feeds_are_what_they_were(void **state)
{
	(void)state;
	files = different = pages = records = 0;
	nftw(SHEAF_SRCDIR "/../shared/fixtures/feeds", on_file, 16, FTW_PHYS);
	if (files == 0)
		skip(); /* none beside the checkout */
	print_message(
	    "%zu records of %zu feeds in %zu pages\n", records, files, pages);
	assert_true(records > files);
	assert_int_equal(different, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(items_are_what_they_were),
	    cmocka_unit_test(polls_of_one_feed_have_one_context),
	    cmocka_unit_test(hostile_heads),
	    cmocka_unit_test(a_large_head_is_not_said_with_each_item),
	    cmocka_unit_test(golden_feeds_are_what_they_were),
	    cmocka_unit_test(recorded_feeds_are_what_they_were),
	};

	vocab_use(tables_rules());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
