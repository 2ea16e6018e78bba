/* Whole pages: what becomes of records, envelope, repairs and refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "parse_talk.h"

#define HEAD(id)                                                               \
	"<header><identifier>" id "</identifier>"                              \
	"<datestamp>2024-05-01</datestamp><setSpec>a:b</setSpec></header>"
#define DC(inner)                                                              \
	"<metadata><oai_dc:dc "                                                \
	"xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\" "        \
	"xmlns:dc=\"http://purl.org/dc/elements/1.1/\">" inner                 \
	"</oai_dc:dc></metadata>"
#define RECORD(id, inner) "<record>" HEAD(id) DC(inner) "</record>\n"
#define TITLE(text)	  "<dc:title>" text "</dc:title>"

static struct talk t;

static int
setup(void **state)
{
	(void)state;
	talk_init(&t);
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
assert_has(const char *what)
{
	if (talk_count(&t, what) == 0)
		fail_msg("no %s in\n%s", what, buf_str(&t.json));
}

static void
good_records(void **state)
{
	(void)state;
	talk_records(&t,
	    RECORD("oai:x:1", TITLE("One")) RECORD("oai:x:2",
		TITLE("Two")) "<record><header "
			      "status=\"deleted\"><identifier>oai:x:3"
			      "</identifier><datestamp>2024-05-03</datestamp></"
			      "header></record>"
			      "<resumptionToken cursor=\"0\" "
			      "completeListSize=\"9\" "
			      "expirationDate=\"2026-02-01T00:00:00Z\">a+b%/=</"
			      "resumptionToken>");
	assert_int_equal(t.code, EX_OK);
	assert_has("\"counts\":{\"records\":3,\"deleted\":1,\"rejected\":0}");
	assert_has("\"text\":\"One\"");
	assert_has("\"identifier\":\"oai:x:3\",\"datestamp\":\"2024-05-03\","
		   "\"deleted\":true");
	assert_has("\"resumption_token\":{\"text\":\"a+b%/=\",\"expires\":"
		   "\"2026-02-01T00:00:00Z\",\"cursor\":0,"
		   "\"complete_list_size\":9}");
	assert_int_equal(talk_count(&t, "warnings"), 0);
	assert_int_equal(talk_count(&t, "recovered"), 0);
}

static void
bad_record_costs_itself(void **state)
{
	(void)state;
	talk_records(&t,
	    RECORD("oai:x:1", TITLE("One")) RECORD(
		"oai:x?a=1&amp;b=2", "<dc:title>no end</dc:titel>")
		RECORD("oai:x:3", "<dc:title>never closed") "<record>" DC(TITLE(
		    "no header")) "</record>"
				  "<record>" HEAD(
				      "oai:x:4") "<metadata>" RECORD("oai:x:5",
				      TITLE("Five")));
	assert_int_equal(t.code, EX_OK);
	assert_has("\"type\":\"reject\",\"identifier\":\"oai:x?a=1&b=2\"");
	assert_has("<title> is closed by </titel>");
	assert_has("\"type\":\"reject\",\"identifier\":\"oai:x:3\"");
	assert_has("the record has no identifier");
	assert_has("\"text\":\"One\"");
}

static void
unclosed_record_ends_where_the_next_begins(void **state)
{
	(void)state;
	talk_records(&t, "<record>" HEAD("oai:x:1") DC(TITLE("One"))
			     RECORD("oai:x:2", TITLE("Two")));
	assert_has("\"identifier\":\"oai:x:1\"");
	assert_has("the record is never closed");
	assert_has("\"text\":\"Two\"");
	assert_has("\"records\":1,\"deleted\":0,\"rejected\":1");
}

static void
bare_signs_are_mended(void **state)
{
	(void)state;
	talk_records(&t,
	    RECORD("oai:x:1", TITLE("R&D p < 0.05 &eacute;&nbsp;&foo; "
				    "<![CDATA[a < b & c]]> &#x1; &#xD800;"))
		RECORD("oai:x:2", TITLE("Two")));
	assert_int_equal(t.code, EX_OK);
	assert_has("R&D p < 0.05 \xc3\xa9 &foo; a < b & c "
		   "\xef\xbf\xbd \xef\xbf\xbd");
	assert_has("\"code\":\"xml-mended\"");
	assert_has("\"recovered\":true");
	assert_has("\"text\":\"Two\"");
}

static void
bytes_are_repaired(void **state)
{
	(void)state;
	talk_records(&t, RECORD("oai:x:1", TITLE("One\x01 \xe9t\xe9 \t."))
			     RECORD("oai:x:2", TITLE("Two")));
	assert_int_equal(t.code, EX_OK);
	assert_has("One \xef\xbf\xbdt\xef\xbf\xbd .");
	assert_has("\"text\":\"Two\"");
	assert_has("3 bytes or sequences");
}

static void
marc_records_nest(void **state)
{
	(void)state;
	t.q.format = "marc21";
	talk_records(&t,
	    "<record>" HEAD(
		"oai:x:1") "<metadata><record "
			   "xmlns=\"http://www.loc.gov/MARC21/slim\">"
			   "<leader>x</leader></record></metadata></record>"
			   "<record>" HEAD(
			       "oai:x:2") "<metadata><record "
					  "xmlns=\"http://www.loc.gov/MARC21/"
					  "slim\">"
					  "<leader>x</record></metadata></"
					  "record>" RECORD(
					      "oai:x:3", TITLE("Three")));
	assert_has("\"identifier\":\"oai:x:1\"");
	assert_has("\"type\":\"reject\",\"identifier\":\"oai:x:2\"");
	assert_has("\"records\":2,\"deleted\":0,\"rejected\":1");
}

static void
about_is_read(void **state)
{
	(void)state;
	talk_records(&t,
	    "<record>" HEAD("oai:x:1") DC(TITLE(
		"One")) "<about><provenance "
			"xmlns=\"http://www.openarchives.org/OAI/2.0/"
			"provenance\">"
			"<originDescription harvestDate=\"2020-01-01\" "
			"altered=\"false\">"
			"<baseURL>http://y/oai</baseURL><identifier>oai:y:1</"
			"identifier>"
			"<datestamp>2019-01-01</datestamp>"
			"<metadataNamespace>http://dc/</metadataNamespace>"
			"<originDescription><baseURL>http://z/oai</baseURL>"
			"</originDescription></originDescription></"
			"provenance></about>"
			"<about><rights "
			"xmlns=\"http://www.openarchives.org/OAI/2.0/rights/\">"
			"<rightsReference "
			"ref=\"https://creativecommons.org/licenses/by/"
			"4.0/\"/></rights></about></record>");
	assert_has("\"origin\":{\"base_url\":\"http://y/oai\",\"identifier\":"
		   "\"oai:y:1\",\"datestamp\":\"2019-01-01\",\"format\":"
		   "\"http://dc/\"}");
	assert_has("\"rights\":[{\"url\":\"https://creativecommons.org/"
		   "licenses/by/4.0/\"}]");
	assert_int_equal(talk_count(&t, "http://z/oai"), 0);
}

static void
window_and_set_are_counted(void **state)
{
	(void)state;
	t.q.from = "2024-05-01T10:00:00Z"; /* the record names a day only */
	t.q.until = "2024-05-01";
	t.q.set = "a";
	talk_records(&t, RECORD("oai:x:1", TITLE("One")));
	assert_int_equal(t.outside_window, 0);
	assert_int_equal(t.outside_set, 0);
	t.q.from = "2024-05-02";
	t.q.set = "b";
	talk_records(&t, RECORD("oai:x:1", TITLE("One")));
	assert_int_equal(t.outside_window, 1);
	assert_int_equal(t.outside_set, 1);
	t.q.from = NULL;
	t.q.until = "2024-04-30";
	talk_records(&t, RECORD("oai:x:1", TITLE("One")));
	assert_int_equal(t.outside_window, 1);
}

static void
page(const char *text)
{
	talk_page(&t, text, strlen(text));
}

static void
truncated_page_fails(void **state)
{
	(void)state;
	page("<OAI-PMH><ListRecords>" RECORD(
	    "oai:x:1", TITLE("One")) "<record>"
				     "<header>");
	assert_int_equal(t.code, EX_DATAERR);
	assert_has("\"body\":\"truncated\"");
	assert_has("\"text\":\"One\"");
	page("<OAI-PMH><ListRecords>" RECORD("oai:x:1", TITLE("One")));
	assert_int_equal(t.code, EX_DATAERR);
	assert_has("the page ends inside <ListRecords>, after 1 records");
	page("<OAI-PMH><ListRecords>" RECORD(
	    "oai:x:1", TITLE("One")) "</OAI-PMH>");
	assert_int_equal(t.code, EX_DATAERR);
	assert_has("the list was cut short");
}

static void
junk_around_the_root(void **state)
{
	(void)state;
	page("\n\n<br />\n<b>Notice</b>: Undefined index in x.php<br />\n"
	     "<?xml version=\"1.0\"?>\n<?xml version=\"1.0\"?>"
	     "<!DOCTYPE x [ <!-- > --> ]>"
	     "<oai:OAI-PMH xmlns:oai=\"http://www.openarchives.org/OAI/2.0/\">"
	     "<oai:ListIdentifiers><oai:header><oai:identifier>i"
	     "</oai:identifier><oai:datestamp>2024</oai:datestamp></oai:header>"
	     "</oai:ListIdentifiers></oai:OAI-PMH><!-- c -->\n<p>bye</p>");
	assert_int_equal(t.code, EX_OK);
	assert_has("\"identifier\":\"i\"");
	assert_has("junk-before-root");
	assert_has("junk-after-root");
}

static void
entities_of_its_own_are_refused(void **state)
{
	(void)state;
	page("<?xml version=\"1.0\"?><!DOCTYPE OAI-PMH [<!ENTITY a \"aaaa\">"
	     "<!ENTITY b \"&a;&a;&a;\">]><OAI-PMH><ListRecords>" RECORD(
		 "oai:x:1", TITLE("&b;")) "</ListRecords></OAI-PMH>");
	assert_int_equal(talk_count(&t, "aaaa"), 0);
	page("<OAI-PMH><!DOCTYPE OAI-PMH [<!ENTITY a SYSTEM \"file:///\">]>"
	     "</OAI-PMH>");
	assert_int_equal(t.code, EX_DATAERR);
	assert_has("declares entities");
}

static void
other_bodies_are_named(void **state)
{
	(void)state;
	page("");
	assert_int_equal(t.code, EX_DATAERR);
	assert_has("\"body\":\"empty\"");
	page("<!DOCTYPE html><html><head><title>Sign in &amp; go</title>");
	assert_has("\"body\":\"html\"");
	assert_has("Sign in & go");
	page("<html><head><title>Just a moment...</title>");
	assert_has("\"body\":\"challenge\"");
	assert_has("Cloudflare");
	page("{\"error\": 1}");
	assert_has("JSON");
	page("<?xml version=\"1.0\"?><rss><channel/></rss>");
	assert_has("\"body\":\"xml\"");
	assert_has("<rss>");
	page("\x1f\x8b\x08 x");
	assert_has("gzip");
}

static void
empty_answer_is_no_answer(void **state)
{
	(void)state;
	page("<OAI-PMH><responseDate>2026</responseDate></OAI-PMH>");
	assert_int_equal(t.code, EX_DATAERR);
	assert_has("neither a verb's element nor an error");
	page("<OAI-PMH><error code=\"noRecordsMatch\"/>"
	     "<error code=\"badVerb\">what &amp; why</error></OAI-PMH>");
	assert_int_equal(t.code, EX_OK);
	assert_has("\"code\":\"noRecordsMatch\"");
	assert_has("what & why");
}

static void
identify_and_lists(void **state)
{
	(void)state;
	page("<OAI-PMH><Identify><repositoryName>A & B</repositoryName>"
	     "<baseURL>http://x</baseURL><adminEmail>a@x</adminEmail>"
	     "<adminEmail>b@x</adminEmail>"
	     "<earliestDatestamp>2000-01-01</earliestDatestamp>"
	     "<deletedRecord>transient</deletedRecord>"
	     "<granularity>YYYY-MM-DD</granularity>"
	     "<description><baseURL>http://other</baseURL></description>"
	     "</Identify></OAI-PMH>");
	assert_int_equal(t.code, EX_OK);
	assert_has("\"repository_name\":\"A & B\"");
	assert_has("\"granularity\":\"YYYY-MM-DD\"");
	assert_int_equal(talk_count(&t, "http://other"), 0);
	page("<OAI-PMH><ListSets><set><setSpec>a</setSpec>"
	     "<setName>A</setName><setDescription><x/></setDescription></set>"
	     "<set><setSpec>b</setSpec></set><resumptionToken> "
	     "</resumptionToken></ListSets></OAI-PMH>");
	assert_has("\"sets\":[{\"spec\":\"a\",\"name\":\"A\"},"
		   "{\"spec\":\"b\"}]");
	assert_has("\"resumption_token\":{}");
}

static void
latin_1_and_utf_16(void **state)
{
	static const char text[] =
	    "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><OAI-PMH>"
	    "<ListRecords>" RECORD("oai:x:1", TITLE("\xe9t\xe9 \x96 \x80"))
		RECORD("oai:x:2", TITLE("Two")) "</ListRecords></OAI-PMH>";
	static const char plain[] = "<OAI-PMH><ListRecords>" RECORD(
	    "oai:x:1", TITLE("Z\xfcrich")) "</ListRecords></OAI-PMH>";
	char wide[2 * sizeof(plain)] = "\xff\xfe";

	(void)state;
	page(text);
	assert_int_equal(t.code, EX_OK);
	assert_has("\xc3\xa9t\xc3\xa9 \xe2\x80\x93 \xe2\x82\xac");
	assert_has("\"encoding\":\"windows-1252\"");
	for (size_t i = 0; i + 1 < sizeof(plain); i++) {
		wide[2 + 2 * i] = plain[i];
		wide[3 + 2 * i] = 0;
	}
	talk_page(&t, wide, 2 * sizeof(plain));
	assert_int_equal(t.code, EX_OK);
	assert_has("Z\xc3\xbcrich");
	assert_has("\"encoding\":\"UTF-16LE\"");
	assert_has("\"offset\":46,");
}

static void
unbound_prefixes_are_bound(void **state)
{
	(void)state;
	talk_records(&t,
	    "<record>" HEAD("oai:x:1") "<metadata><oai_dc:dc><dc:title>One"
				       "</dc:title><foo:bar/></oai_dc:dc></"
				       "metadata></record>");
	assert_int_equal(t.code, EX_OK);
	assert_has("\"text\":\"One\"");
	assert_has("the prefix foo is used and never declared");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(good_records),
	    TEST(bad_record_costs_itself),
	    TEST(unclosed_record_ends_where_the_next_begins),
	    TEST(bare_signs_are_mended),
	    TEST(bytes_are_repaired),
	    TEST(marc_records_nest),
	    TEST(about_is_read),
	    TEST(window_and_set_are_counted),
	    TEST(truncated_page_fails),
	    TEST(junk_around_the_root),
	    TEST(entities_of_its_own_are_refused),
	    TEST(other_bodies_are_named),
	    TEST(empty_answer_is_no_answer),
	    TEST(identify_and_lists),
	    TEST(latin_1_and_utf_16),
	    TEST(unbound_prefixes_are_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
