/* RECORD.md's JSON, the columns of the registry, and the facts of a page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "record/facts.h"

static struct arena arena;

static void
record_as_json(void **state)
{
	struct record r = {.identifier = "oai:x:1",
	    .kind = {.code = "publication", .basis = "mapped", .term = "Book"},
	    .family = "knowledge",
	    .trl_min = "4",
	    .trl_max = "6",
	    .offset = 5,
	    .length = 6};
	struct rec_agent *agent;
	struct rec_date *date;
	struct rec_id *id;
	struct buf out;

	(void)state;
	buf_init(&out, 10000);
	record_add(&arena, &r.titles)->text = "A \"title\"\n";
	agent = record_add(&arena, &r.agents);
	agent->name = "Doe, J.";
	agent->role = "author";
	id = record_add(&arena, &agent->ids);
	id->scheme = "orcid";
	id->value = "0000-0002-1825-0097";
	date = record_add(&arena, &r.dates);
	date->role = "issued";
	date->value = "2014";
	date->approximate = true;
	*record_add(&arena, &r.coverage) = "The Sahel";
	record_warn(&r, &arena, "date", "odd");
	record_json(&out, &r, RECORD_PLACE);
	assert_string_equal(buf_str(&out),
	    "{\"type\":\"record\",\"v\":1,\"identifier\":\"oai:x:1\","
	    "\"kind\":{\"code\":\"publication\",\"basis\":\"mapped\","
	    "\"term\":\"Book\"},\"family\":\"knowledge\","
	    "\"titles\":[{\"text\":\"A \\\"title\\\"\\n\"}],"
	    "\"agents\":[{\"name\":\"Doe, J.\",\"role\":\"author\","
	    "\"ids\":[{\"scheme\":\"orcid\",\"value\":"
	    "\"0000-0002-1825-0097\"}]}],"
	    "\"dates\":[{\"role\":\"issued\",\"value\":\"2014\","
	    "\"approximate\":true}],"
	    "\"coverage\":[{\"text\":\"The Sahel\"}],"
	    "\"trl\":{\"min\":4,\"max\":6},\"offset\":5,\"length\":6,"
	    "\"warnings\":[{\"code\":\"date\",\"text\":\"odd\"}]}");
	buf_clear(&out);
	r.match.title = "title";
	*record_add(&arena, &r.match.other_titles) = "titre";
	record_add(&arena, &r.match.names)->text = "doe j";
	record_json(&out, &r, 0);
	assert_null(strstr(buf_str(&out), "match"));
	buf_clear(&out);
	record_json(&out, &r, RECORD_MATCH);
	assert_non_null(strstr(buf_str(&out),
	    "\"trl\":{\"min\":4,\"max\":6},\"match\":{\"title\":\"title\","
	    "\"other_titles\":[\"titre\"],\"names\":[{\"text\":\"doe j\"}]},"
	    "\"warnings\":"));
	buf_clear(&out);
	r.deleted = true;
	record_json(&out, &r, 0);
	assert_string_equal(buf_str(&out),
	    "{\"type\":\"record\",\"v\":1,\"identifier\":\"oai:x:1\","
	    "\"deleted\":true}");
	buf_release(&out);
}

static void
add_id(struct record *r, const char *scheme, const char *value)
{
	struct rec_id *id = record_add(&arena, &r->identifiers);

	id->scheme = scheme;
	id->value = value;
}

static void
add_link(struct record *r, const char *role, const char *url)
{
	struct rec_link *link = record_add(&arena, &r->links);

	link->role = role;
	link->url = url;
}

static void
urls_are_chosen(void **state)
{
	struct record r = {.identifier = "x"};
	struct record_summary s;

	(void)state;
	record_summarise(&s, &r, &arena);
	assert_null(s.url);
	assert_null(s.title);
	add_id(&r, "isbn", "9780000000002");
	add_id(&r, "doi", "10.1/a<b>?c#d");
	record_summarise(&s, &r, &arena);
	assert_string_equal(s.url, "https://doi.org/10.1/a%3Cb%3E%3Fc%23d");
	r.identifiers.count = 0;
	add_id(&r, "handle", "10986/123");
	record_summarise(&s, &r, &arena);
	assert_string_equal(s.url, "https://hdl.handle.net/10986/123");
	r.identifiers.count = 0;
	add_id(&r, "url", "https://h/id");
	record_summarise(&s, &r, &arena);
	assert_string_equal(s.url, "https://h/id");
	add_link(&r, "image", "https://h/image");
	add_link(&r, "full-text", "https://h/pdf");
	record_summarise(&s, &r, &arena);
	assert_string_equal(s.url, "https://h/pdf");
	add_link(&r, "landing", "https://h/landing?a=1&utm_source=x");
	record_summarise(&s, &r, &arena);
	assert_string_equal(s.url, "https://h/landing?a=1");
}

static void
dates_are_chosen(void **state)
{
	static const char *const table[][3] = {{"2014", "2014-01-01", "year"},
	    {"2014-05", "2014-05-01", "month"},
	    {"2014-05-17", "2014-05-17", "day"},
	    {"2014-05-17T10:00:00Z", "2014-05-17", "day"},
	    {"2023-02-29", NULL, NULL}, {"0000", NULL, NULL},
	    {"2014-13", NULL, NULL}, {"2014-1", NULL, NULL},
	    {"20140517", NULL, NULL}};
	struct record r = {.identifier = "x"};
	struct record_summary s;
	struct rec_date *d;

	(void)state;
	d = record_add(&arena, &r.dates);
	d->role = "modified";
	d->value = "1999";
	d = record_add(&arena, &r.dates);
	d->role = "issued";
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		d->value = table[i][0];
		record_summarise(&s, &r, &arena);
		if (!table[i][1]) {
			assert_null(s.issued);
			continue;
		}
		assert_string_equal(s.issued, table[i][1]);
		assert_string_equal(s.issued_precision, table[i][2]);
	}
}

static void
titles_and_licences(void **state)
{
	struct record r = {.identifier = "x"};
	struct record_summary s;
	struct rec_text *t;

	(void)state;
	t = record_add(&arena, &r.titles);
	t->text = "Autre";
	t->role = "alternative";
	t = record_add(&arena, &r.titles);
	t->text = "Main";
	record_add(&arena, &r.rights)->text = "Open";
	record_summarise(&s, &r, &arena);
	assert_string_equal(s.title, "Autre");
	assert_string_equal(s.licence, "Open");
	r.titles.items[1].role = "main";
	record_add(&arena, &r.rights)->url = "https://cc/by/4.0/";
	record_summarise(&s, &r, &arena);
	assert_string_equal(s.title, "Main");
	assert_string_equal(s.licence, "https://cc/by/4.0/");
	record_add(&arena, &r.rights)->code = "CC-BY-4.0";
	record_summarise(&s, &r, &arena);
	assert_string_equal(s.licence, "CC-BY-4.0");
}

static void
facts_round_trip(void **state)
{
	struct page_facts f = {.protocol = "oai-pmh",
	    .verb = "ListRecords",
	    .body = BODY_OAI,
	    .has_token = true,
	    .token = "a+b",
	    .cursor = 0,
	    .list_size = -1,
	    .records = 7,
	    .err_class = ERR_PROTO,
	    .err_text = "says \"no\"",
	    .ids_hash = {1, 2, 3}};
	struct page_facts back;
	struct facts_error *error;
	struct buf out;
	struct err e;

	(void)state;
	buf_init(&out, LIMIT_DOC_BYTES);
	error = record_add(&arena, &f.errors);
	error->code = "badResumptionToken";
	record_add(&arena, &f.sets)->spec = "col:1";
	record_add(&arena, &f.formats)->ns = "urn:n";
	assert_int_equal(facts_encode(&out, &f), 0);
	assert_int_equal(facts_decode(&back, &arena, out.data, out.len, &e), 0);
	assert_string_equal(back.token, "a+b");
	assert_int_equal(back.cursor, 0);
	assert_int_equal(back.list_size, -1);
	assert_int_equal(back.records, 7);
	assert_int_equal(back.body, BODY_OAI);
	assert_memory_equal(back.ids_hash, f.ids_hash, HASH128_BYTES);
	for (size_t n = 0; n < out.len; n++)
		assert_int_equal(
		    facts_decode(&back, &arena, out.data, n, &e), -1);
	assert_int_equal(facts_decode(&back, &arena, out.data, out.len, &e), 0);
	buf_clear(&out);
	facts_json(&out, &back);
	assert_string_equal(buf_str(&out),
	    "{\"type\":\"page\",\"protocol\":\"oai-pmh\",\"verb\":"
	    "\"ListRecords\",\"resumption_token\":{\"text\":\"a+b\","
	    "\"cursor\":0},\"errors\":[{\"code\":\"badResumptionToken\"}],"
	    "\"sets\":[{\"spec\":\"col:1\"}],"
	    "\"formats\":[{\"namespace\":\"urn:n\"}],"
	    "\"counts\":{\"records\":7,\"deleted\":0,\"rejected\":0},"
	    "\"error\":{\"class\":\"PROTO\",\"text\":\"says \\\"no\\\"\"}}");
	f.token = "";
	buf_clear(&out);
	facts_encode(&out, &f);
	assert_int_equal(facts_decode(&back, &arena, out.data, out.len, &e), 0);
	assert_string_equal(back.token, "");
	/* What has no name is nothing to stumble over. */
	f.formats.items[0].prefix = NULL;
	f.sets.items[0].spec = NULL;
	f.sets.items[0].name = "Nameless";
	buf_clear(&out);
	facts_encode(&out, &f);
	assert_int_equal(facts_decode(&back, &arena, out.data, out.len, &e), 0);
	assert_int_equal(back.formats.count, 1);
	assert_string_equal(back.formats.items[0].prefix, "");
	assert_string_equal(back.sets.items[0].spec, "");
	assert_null(facts_format_wanted(&back, ""));
	assert_null(facts_format_wanted(&back, "urn:n"));
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(record_as_json),
	    cmocka_unit_test(urls_are_chosen),
	    cmocka_unit_test(dates_are_chosen),
	    cmocka_unit_test(titles_and_licences),
	    cmocka_unit_test(facts_round_trip),
	};
	int rc;

	arena_init(&arena, 0);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return rc;
}
