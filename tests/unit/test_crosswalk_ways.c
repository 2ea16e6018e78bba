/*
 * What the language of crosswalks has for formats of many shapes: groups of
 * paths, parts that stand in for each other, sources that are one value, kinds
 * of whole formats, vCards, and names of what stands elsewhere in the record.
 */
#include "crosswalk/crosswalk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "crosswalk/vcard.h"
#include "crosswalk/vocab.h"
#include "crosswalk/xwalk.h"
#include "parse_talk.h"
#include "tables.h"

static struct buf mistakes;

static struct xwalk_set *
compile(const char *text)
{
	struct buf pack;
	struct xwalk_set *set;

	buf_init(&pack, XWALK_PACK_BYTES);
	buf_clear(&mistakes);
	xwalk_pack(&pack, "t.crosswalk", text, strlen(text), false);
	set = xwalk_compile(pack.data, pack.len, &mistakes);
	buf_release(&pack);
	return set;
}

/* The rules must be refused with these words. */
static void
refused(const char *text, const char *words)
{
	struct xwalk_set *set = compile(text);

	if (set != NULL || strstr(buf_str(&mistakes), words) == NULL)
		fail_msg("%s\ngave: %s", text, buf_str(&mistakes));
}

/* A record of a root r, by these rules behind "crosswalk t", to JSON. */
static const char *
record_of(const char *rules, const char *inside)
{
	static struct talk t;
	static char page[65536];
	struct xwalk_set *set;
	char text[16384];

	snprintf(text, sizeof(text), "crosswalk t\nmatches r\n%s", rules);
	set = compile(text);
	if (set == NULL)
		fail_msg("%s", buf_str(&mistakes));
	snprintf(page, sizeof(page),
	    "<record><header><identifier>a</identifier><datestamp>2026-01-01"
	    "</datestamp></header><metadata><r xmlns=''>%s</r></metadata>"
	    "</record>",
	    inside);
	talk_release(&t);
	talk_init(&t);
	t.walks = set;
	talk_records(&t, page);
	xwalk_free(set);
	return buf_str(&t.json);
}

static void
has(const char *json, const char *what)
{
	if (strstr(json, what) == NULL)
		fail_msg("%s\nhas no %s", json, what);
}

static void
has_no(const char *json, const char *what)
{
	if (strstr(json, what) != NULL)
		fail_msg("%s\nhas %s", json, what);
}

static void
groups(void **state)
{
	const char *json = record_of("let BOTH a|b/c\n"
				     "(BOTH|//deep[@x=\"|)\"])/(t|u) title\n",
	    "<a><t>One</t></a><b><c><u>Two</u></c><t>no</t></b>"
	    "<q><deep x='|)'><t>Three</t></deep><deep><t>no</t></deep></q>");
	char text[16000];
	int n;

	(void)state;
	has(json, "\"One\"");
	has(json, "\"Two\"");
	has(json, "\"Three\"");
	has_no(json, "\"no\"");
	refused("crosswalk t\n(a|b title\n", "a group is not closed");
	refused("crosswalk t\n(a|b)c title\n", "no step of its own");
	refused("crosswalk t\nlet A a\nlet A b\nA title\n",
	    "t.crosswalk:3: A is given twice");
	refused("crosswalk t\nlet A (A)\n(A)/b title\n", "too deeply");
	refused("crosswalk t\nlet A\na title\n", "let has no name and paths");
	refused("crosswalk t\n(0|1|2|3|4|5|6|7)/(0|1|2|3|4|5|6|7)/"
		"(0|1|2|3|4|5|6|7) title\n",
	    "too many paths");
	snprintf(text, sizeof(text),
	    "crosswalk t\n(0|1|2|3|4|5|6|7|8|9)/"
	    "(0|1|2|3|4|5|6|7|8|9)/%015000d title\n",
	    1);
	refused(text, "too long paths");
	n = sprintf(text, "crosswalk t\na title\n");
	for (int i = 0; i < 65; i++)
		n += sprintf(text + n, " text = b\n");
	refused(text, "t.crosswalk:67: text is given too often");
}

static void
other_parts(void **state)
{
	static const char rules[] = "n agent role=\"author\"\n"
				    " name = full\n"
				    " name = family, given | join \", \"\n"
				    " role = as | map role\n";

	(void)state;
	has(record_of(rules, "<n><family>Roy</family><given>Ida</given></n>"),
	    "{\"name\":\"Roy, Ida\",\"role\":\"author\"");
	has(record_of(rules,
		"<n><full>I. "
		"Roy</full><family>Roy</family><as>editor</as></n>"),
	    "{\"name\":\"I. Roy\",\"role\":\"editor\"");
	has(record_of(rules, "<n><full>I. Roy</full><as>juggler</as></n>"),
	    "\"role\":\"author\"");
	has_no(record_of(rules, "<n><as>editor</as></n>"), "agents");
	refused("crosswalk t\na title role=\"main\" role=\"alternative\"\n",
	    "role is given twice");
}

static void
glued_sources(void **state)
{
	static const char rules[] = "t title\n"
				    " text = non \" \" main \": \" sub\n"
				    "i identifier scheme=\"local\"\n"
				    " value = \"no. \" . \"/x\", other\n";
	const char *json;

	(void)state;
	json = record_of(rules,
	    "<t><non>The</non><main> well </main><sub>deep</sub></t>"
	    "<t><main>Well</main></t><t><non>L\'</non><main>eau</main></t>"
	    "<t><non>L\xe2\x80\x99</non><main>air</main></t>"
	    "<t><sub>only below</sub></t><i>7</i>"
	    "<i><other>8</other></i>");
	has(json, "\"The well: deep\"");
	has(json, "\"Well\"");
	has(json, "\"L\'eau\"");
	has(json, "\"L\xe2\x80\x99"
		  "air\"");
	has(json, "\"only below\"");
	has(json, "\"no. 7/x\"");
	has(json, "\"value\":\"8\"");
	has_no(json, "\"no. \"");
	refused("crosswalk t\na title\n text = \"x\" |\n", "t.crosswalk:3");
	refused("crosswalk t\na title\n text = b,\n", "t.crosswalk:3");
}

static void
kinds(void **state)
{
	static const char rules[] = "kind dataset\nx type\ny title\n";

	(void)state;
	has(record_of(rules, "<y>A</y>"),
	    "\"kind\":{\"code\":\"dataset\",\"basis\":\"rule\"}");
	/* a type that says little does not stand against it, another does */
	has(record_of(rules, "<x>Text</x>"), "\"code\":\"dataset\"");
	has(record_of(rules, "<x>Handbook</x>"), "\"code\":\"publication\"");
	refused("crosswalk t\nkind set\na title\n", "there is no kind set");
	refused("crosswalk t\nkind\na title\n", "there is no kind");
	refused("crosswalk t\nkind dataset\nkind event\na title\n",
	    "kind is given twice");
}

static void
names(void **state)
{
	static const char rules[] = "by agent role=\"author\"\n"
				    " name = @ref | named\n"
				    "at coverage\n"
				    " text = @ref | named\n"
				    "on date role=\"issued\"\n"
				    " value = @ref | named\n"
				    "who name\n"
				    " text = n\n"
				    " key = @id\n";
	/* named before and after, and not at all */
	const char *json = record_of(rules,
	    "<by ref='#p1'/><by ref='http://x/none'/><on ref='y'/>"
	    "<who id='p1'><n>Ida Roy</n></who><who id='http://x/2'><n>Kenya</n>"
	    "</who><who id='y'><n>1887</n></who><at ref='http://x/2'/>");

	(void)state;
	has(json, "\"agents\":[{\"name\":\"Ida Roy\",\"role\":\"author\"");
	has(json, "\"code\":\"KEN\"");
	has(json, "\"value\":\"1887\"");
	has_no(json, "none");
	has_no(json, "warnings");
	/* what one record names is not known in the next */
	has_no(record_of(rules, "<by ref='#p1'/>"), "agents");
}

static void
titles_in_order(void **state)
{
	static const char rules[] =
	    "alt title role=\"alternative\"\nmain title\n";

	(void)state;
	has(record_of(rules, "<alt>Well</alt><main>The well</main>"
			     "<main>The well</main>"),
	    "\"titles\":[{\"text\":\"The well\",\"role\":\"main\"},"
	    "{\"text\":\"Well\",\"role\":\"alternative\"}]");
}

static void
cards(void **state)
{
	static const struct {
		const char *card, *name, *org;
	} cases[] = {
	    {"BEGIN:VCARD\nVERSION:3.0\nN:Mensah;Kofi;;;\nFN:Kofi Mensah\n"
	     "ORG:School of Pumps\nEND:VCARD",
		"Kofi Mensah", "School of Pumps"},
	    {"BEGIN:VCARD\r\nN;CHARSET=UTF-8:Mensah;Kofi\r\nEND:VCARD\r\n",
		"Mensah, Kofi", NULL},
	    {"BEGIN:VCARD\nORG:School;Department of Pumps\nEND:VCARD",
		"School, Department of Pumps", "School;Department of Pumps"},
	    /* on one line, as white space is often folded */
	    {"BEGIN:VCARD VERSION:3.0 FN:Kofi Mensah ORG:School END:VCARD",
		"Kofi Mensah", "School"},
	    /* indented; folded by RFC 6350, 3.2; grouped; escaped */
	    {"  BEGIN:VCARD\n  item1.FN:Kofi\\, Mensah\n  END:VCARD",
		"Kofi, Mensah", NULL},
	    {"BEGIN:VCARD\nFN:Kofi\n  Mensah\nEND:VCARD", "Kofi Mensah", NULL},
	    {"BEGIN:VCARD\nFN:\nN:;;;;\nORG:\nEND:VCARD", NULL, NULL},
	    {"Kofi Mensah", NULL, NULL},
	    {"FN:", NULL, NULL},
	    {"", NULL, NULL},
	};
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t n = strlen(cases[i].card);
		const char *name = vcard_name(&a, cases[i].card, n);
		const char *org = vcard_property(&a, cases[i].card, n, "ORG");

		assert_int_equal(name != NULL, cases[i].name != NULL);
		if (name != NULL)
			assert_string_equal(name, cases[i].name);
		assert_int_equal(org != NULL, cases[i].org != NULL);
		if (org != NULL)
			assert_string_equal(org, cases[i].org);
	}
	arena_release(&a);
}

static int
set_up(void **state)
{
	(void)state;
	buf_init(&mistakes, 1 << 20);
	vocab_use(tables_rules());
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_release(&mistakes);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(groups),
	    cmocka_unit_test(other_parts),
	    cmocka_unit_test(glued_sources),
	    cmocka_unit_test(kinds),
	    cmocka_unit_test(names),
	    cmocka_unit_test(titles_in_order),
	    cmocka_unit_test(cards),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
