/* Static repositories: which list is read, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

#include "parse_talk.h"

#define ROOT                                                                   \
	"<?xml version=\"1.0\"?>\n<Repository xmlns=\"http://www."             \
	"openarchives.org/OAI/2.0/static-repository\" xmlns:oai=\"http://"     \
	"www.openarchives.org/OAI/2.0/\">"
#define IDENTIFY                                                               \
	"<Identify><oai:repositoryName>Mine</oai:repositoryName><oai:baseURL>" \
	"http://g.example/oai/x/s.xml</oai:baseURL><oai:protocolVersion>2.0"   \
	"</oai:protocolVersion><oai:adminEmail>a@example.org</oai:adminEmail>" \
	"<oai:earliestDatestamp>2020-01-01</oai:earliestDatestamp>"            \
	"<oai:deletedRecord>no</oai:deletedRecord><oai:granularity>YYYY-MM-DD" \
	"</oai:granularity></Identify>"
#define OFFER(prefix)                                                          \
	"<oai:metadataFormat><oai:metadataPrefix>" prefix                      \
	"</oai:metadataPrefix><oai:schema>http://x/" prefix                    \
	".xsd</oai:schema><oai:metadataNamespace>http://x/" prefix             \
	"/</oai:metadataNamespace></oai:metadataFormat>"
#define OFFERS(all) "<ListMetadataFormats>" all "</ListMetadataFormats>"
#define LIST(prefix, all)                                                      \
	"<ListRecords metadataPrefix=\"" prefix "\">" all "</ListRecords>"
#define RECORD(id)                                                             \
	"<oai:record><oai:header><oai:identifier>" id                          \
	"</oai:identifier><oai:datestamp>2024-05-01</oai:datestamp>"           \
	"</oai:header><oai:metadata><d:dc xmlns:d=\"http://www.openarchives."  \
	"org/OAI/2.0/oai_dc/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">" \
	"<dc:title>T</dc:title></d:dc></oai:metadata></oai:record>"
#define END "</Repository>"

static struct talk t;

static int
setup(void **state)
{
	(void)state;
	talk_init(&t);
	t.q.protocol = "oai-static";
	t.q.format = NULL;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	talk_release(&t);
	return 0;
}

static void
reads(const char *page, const char *what)
{
	buf_clear(&t.json);
	talk_page(&t, page, strlen(page));
	if (talk_count(&t, what) == 0)
		fail_msg("no %s in\n%s", what, buf_str(&t.json));
}

static void
reads_well(const char *page, const char *what)
{
	reads(page, what);
	assert_int_equal(t.code, EX_OK);
}

static void
refuses(const char *page, const char *what)
{
	reads(page, what);
	assert_int_equal(t.code, EX_DATAERR);
}

static const char both[] = ROOT IDENTIFY OFFERS(OFFER("b") OFFER("oai_dc"))
    LIST("b", RECORD("b1") RECORD("b2")) LIST("oai_dc", RECORD("dc1")) END;

static void
one_format_is_read(void **state)
{
	static const char *const wanted[][2] = {
	    {"", "dc1"},
	    {"oai_dc", "dc1"},
	    {"b", "b1"},
	    {"B", "b1"},
	    {"http://x/b/", "b1"},
	    {"http://x/b", "b1"},
	    {"http://x/b.xsd", "b1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		bool dc = wanted[i][1][0] == 'd';

		t.q.format = wanted[i][0];
		reads_well(
		    both, dc ? "\"format\":\"oai_dc\"" : "\"format\":\"b\"");
		assert_int_equal(
		    talk_count(&t, "\"type\":\"record\""), dc ? 1 : 2);
		assert_int_equal(talk_count(&t, wanted[i][1]), 1);
	}
	reads_well(both, "\"protocol\":\"oai-static\"");
	reads_well(both, "\"repository_name\":\"Mine\"");
	reads_well(both, "\"granularity\":\"YYYY-MM-DD\"");
}

/* What its ListMetadataFormats forgets is there all the same. */
static void
the_list_is_the_proof(void **state)
{
	(void)state;
	reads_well(ROOT LIST("b", RECORD("b1")) LIST("c", RECORD("c1")) END,
	    "\"records\":1");
	assert_int_equal(talk_count(&t, "b1"), 1);
	reads_well(
	    ROOT "<ListRecords>" RECORD("x1") "</ListRecords>" END, "x1");
	/* Nor is one that has no name offered. */
	reads_well(ROOT OFFERS("<oai:metadataFormat><oai:schema>http://x/"
			       "</oai:schema></oai:metadataFormat>")
		       LIST("b", RECORD("b1")) END,
	    "b1");
	t.q.format = "c";
	reads_well(ROOT OFFERS(OFFER("b")) LIST("b", RECORD("b1"))
		       LIST("c", RECORD("c1")) END,
	    "\"records\":1");
	assert_int_equal(talk_count(&t, "c1"), 1);
	/* Two lists of one format are one list. */
	reads_well(ROOT LIST("c", RECORD("c1")) LIST("c", RECORD("c2")) END,
	    "\"records\":2");
}

static void
a_missing_list_is_no_empty_list(void **state)
{
	(void)state;
	t.q.format = "mods";
	refuses(both, "no ListRecords with the metadataPrefix mods; it offers "
		      "b, oai_dc");
	assert_int_equal(talk_count(&t, "\"type\":\"record\""), 0);
	t.q.format = NULL;
	refuses(
	    ROOT IDENTIFY OFFERS(OFFER("oai_dc")) END, "has no ListRecords");
	refuses(ROOT IDENTIFY OFFERS(OFFER("oai_dc")) LIST("b", RECORD("b1"))
		    END,
	    "no ListRecords with the metadataPrefix oai_dc");
	/* But an empty list is one. */
	reads_well(ROOT IDENTIFY LIST("oai_dc", "") END, "\"records\":0");
	/* A list that the file does not close is none at all. */
	refuses(ROOT LIST("oai_dc", RECORD("x1") "") "", "ends inside");
	refuses(ROOT IDENTIFY "<ListRecords metadataPrefix=\"b\">" RECORD("b1"),
	    "ends inside");
}

static void
records_cost_themselves(void **state)
{
	(void)state;
	reads_well(
	    ROOT LIST("oai_dc",
		RECORD("a") "<oai:record><oai:header/><oai:metadata>"
			    "<a><b></a></oai:metadata></oai:record>" RECORD(
				"c")) END,
	    "\"records\":2,\"deleted\":0,\"rejected\":1");
	/* Of a list that is passed over nothing counts. */
	t.q.format = "c";
	reads_well(ROOT LIST("b", "<oai:record><a><b></a></oai:record>"
				  "<resumptionToken>x</resumptionToken>")
		       LIST("c", RECORD("c1")) END,
	    "\"records\":1,\"deleted\":0,\"rejected\":0");
}

static void
what_is_none_is_told(void **state)
{
	static const char oai[] =
	    "<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\">"
	    "<ListRecords>" RECORD("a") "</ListRecords></OAI-PMH>";

	(void)state;
	refuses(oai, "set protocol = oai-pmh");
	refuses("<rss version=\"2.0\"><channel/></rss>", "root element <rss>");
	refuses("", "the body is empty");
	refuses("<html><title>Sorry</title></html>", "an HTML page titled");
	/* A repository of something else. */
	refuses("<Repository><package/></Repository>", "root element");
	t.q.protocol = "oai-pmh";
	refuses(both, "set protocol = oai-static");
	/* An answer whose records speak of them is still an answer. */
	reads_well(
	    "<OAI-PMH><ListRecords>" RECORD(
		"a") "<record><header>"
		     "<identifier>x</identifier></header><about><Repository/>"
		     "</about></record></ListRecords></OAI-PMH>",
	    "\"records\":2");
}

static void
one_without_its_namespace(void **state)
{
	(void)state;
	reads_well("<Repository><Identify><repositoryName>Mine</repositoryName>"
		   "</Identify>" LIST("oai_dc", RECORD("a")) END,
	    "\"repository_name\":\"Mine\"");
	reads_well(
	    "<s:Repository xmlns:s=\"http://www.openarchives.org/OAI/2.0/"
	    "static-repository\"><s:ListRecords "
	    "metadataPrefix=\"oai_dc\">" RECORD(
		"a") "</s:ListRecords></s:Repository>",
	    "\"records\":1");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(one_format_is_read),
	    TEST(the_list_is_the_proof),
	    TEST(a_missing_list_is_no_empty_list),
	    TEST(records_cost_themselves),
	    TEST(what_is_none_is_told),
	    TEST(one_without_its_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
