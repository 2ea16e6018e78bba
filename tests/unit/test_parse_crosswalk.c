/* Crosswalks on metadata: paths, predicates, expressions, functions, targets,
 * which crosswalk is chosen, and what a hostile record costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "crosswalk/xwalk.h"
#include "parse_talk.h"

static struct talk talk;
static struct buf texts;

static int
setup(void **state)
{
	(void)state;
	talk_init(&talk);
	buf_init(&texts, XWALK_PACK_BYTES);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	talk_release(&talk);
	buf_release(&texts);
	return 0;
}

static void
add(const char *name, const char *text)
{
	xwalk_pack(&texts, name, text, strlen(text), false);
}

static void
read_metadata(const char *metadata)
{
	struct buf mistakes, page;
	struct xwalk_set *set;

	buf_init(&mistakes, MIB);
	set = xwalk_compile(texts.data, texts.len, &mistakes);
	if (set == NULL)
		fail_msg("%s", buf_str(&mistakes));
	talk.walks = set;
	buf_init(&page, (size_t)64 << 20);
	buf_printf(&page,
	    "<record><header><identifier>i</identifier><datestamp>2020"
	    "</datestamp></header><metadata>%s</metadata></record>",
	    metadata);
	talk_records(&talk, buf_str(&page));
	xwalk_free(set);
	buf_release(&page);
	buf_release(&mistakes);
	buf_clear(&texts);
}

/* The record without its header and place. */
static void
assert_content(const char *what, const char *want)
{
	static const char head[] = "\"datestamp\":\"2020\"";
	const char *begin = strstr(buf_str(&talk.json), head), *end;
	char *got;

	assert_non_null(begin);
	begin += sizeof(head) - 1;
	end = strstr(begin, ",\"offset\":");
	assert_non_null(end);
	got = xstrndup(begin, (size_t)(end - begin));
	if (strcmp(*got == ',' ? got + 1 : got, want) != 0)
		fail_msg("%s\nwant %s\ngot  %s", what, want, got);
	free(got);
}

/* The crosswalk x has these rules, and is for every root. */
static void
assert_record(const char *rules, const char *metadata, const char *want)
{
	char *text = xasprintf("crosswalk x\nnamespace n http://n/ "
			       "\nmatches *\n%s",
	    rules);

	add("x", text);
	read_metadata(metadata);
	assert_content(rules, want);
	free(text);
}

/* The texts of abstracts, with a bar between them. */
static void
assert_texts(const char *rules, const char *metadata, const char *want)
{
	struct buf b;
	char *copy = xstrndup(want, strlen(want)), *p = copy, *part;

	buf_init(&b, MIB);
	while ((part = strsep(&p, "|")) != NULL)
		if (*part != '\0')
			buf_printf(
			    &b, "%s{\"text\":\"%s\"}", b.len ? "," : "", part);
	free(copy);
	copy = b.len ? xasprintf("\"abstracts\":[%s]", buf_str(&b))
		     : xstrndup("", 0);
	assert_record(rules, metadata, copy);
	free(copy);
	buf_release(&b);
}

/* --- paths ---------------------------------------------------------------- */

static void
paths_lead_to_elements(void **state)
{
	static const char xml[] =
	    "<r><a>1</a><b><a>2</a><c><a>3</a><b><a>4</a></b></c></b></r>";

	(void)state;
	assert_texts("a abstract", xml, "1");
	assert_texts("b/a abstract", xml, "2");
	assert_texts("b/*/a abstract", xml, "3");
	assert_texts("//a abstract", xml, "1|2|3|4");
	assert_texts("//b/a abstract", xml, "2|4");
	assert_texts("b//a abstract", xml, "2|3|4");
	assert_texts("//b//a abstract", xml, "2|3|4");
	assert_texts("//c//a abstract", xml, "3|4");
	assert_texts("*/a abstract", xml, "2");
	assert_texts("x//a abstract", xml, "");
	/* itself, with the text of all inside */
	assert_texts(". abstract", xml, "1234");
	assert_texts("b/c abstract", xml, "34");
	/* several rules, several matches: the order of ends */
	assert_texts(
	    "a abstract\n//b/a abstract\n*/*/a abstract", xml, "1|2|3|4");
	assert_texts(
	    "b/c abstract\nb/c/b abstract\nb/c/a abstract", xml, "3|4|34");
	/* within each other */
	assert_texts("//b abstract", xml, "4|234");
}

static void
names_have_namespaces(void **state)
{
	static const char xml[] =
	    "<r xmlns:p='https://N/' xmlns:q='http://n/2' xmlns:o='http://o'>"
	    "<p:a>1</p:a><q:a>2</q:a><o:a>3</o:a><a xmlns=''>4</a><n:a>5</n:a>"
	    "<a xmlns='http://n#'>6</a><z:a>7</z:a></r>";
	static const char warnings[] =
	    ",\"warnings\":[{\"code\":\"unbound-prefix\",\"text\":\"the prefix "
	    "n is used and never declared\"},{\"code\":\"unbound-prefix\","
	    "\"text\":\"the prefix z is used and never declared\"}]";
	static const struct {
		const char *uris, *want;
	} cases[] = {{"http://n/", "1 5 6"}, {"http://n*", "1 2 5 6"},
	    {"http://n/*", "1 2 5"}, {"http://n/2 none", "2 4 5"},
	    {"http://none prefix:z", "5 7"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = xasprintf("crosswalk x\nnamespace n %s\nmatches "
				       "*\n. title\n  text = n:a | join \" \"",
		    cases[i].uris);
		char *want = xasprintf("\"titles\":[{\"text\":\"%s\",\"role\":"
				       "\"main\"}]",
		    cases[i].want);

		add("x", text);
		read_metadata(xml);
		assert_non_null(strstr(buf_str(&talk.json), warnings));
		if (strstr(buf_str(&talk.json), want) == NULL)
			fail_msg("%s: %s, not %s", cases[i].uris,
			    buf_str(&talk.json), want);
		free(text);
		free(want);
	}
}

static void
predicates_choose(void **state)
{
	static const char xml[] =
	    "<r><a x='1'>1</a><a x='2' y=''>2</a><a>3</a><a x='Ab'>4</a></r>";
	struct buf many;

	(void)state;
	assert_texts("a[@x] abstract", xml, "1|2|4");
	assert_texts("a[!@x] abstract", xml, "3");
	assert_texts("a[@x=\"1\"] abstract", xml, "1");
	assert_texts("a[@x=\"1\",\"2\"] abstract", xml, "1|2");
	assert_texts("a[@x!=\"1\",\"Ab\"] abstract", xml, "2|3");
	assert_texts("a[@x=\"aB\"] abstract", xml, "");
	assert_texts("a[@x~=\"aB\"] abstract", xml, "4");
	assert_texts("a[@x!~=\"aB\"] abstract", xml, "1|2|3");
	assert_texts("a[@x][@y] abstract", xml, "2");
	assert_texts("a[@x][!@y][@x!=\"1\"] abstract", xml, "4");
	assert_texts("*[@y=\"\"] abstract", xml, "2");
	/* of many attributes the last */
	buf_init(&many, MIB);
	buf_adds(&many, "<r><a");
	for (int i = 0; i < 100; i++)
		buf_printf(&many, " a%d='%d'", i, i);
	buf_adds(&many, ">1</a></r>");
	assert_texts("a[@a99=\"99\"][!@a100] abstract\n text = @a98",
	    buf_str(&many), "98");
	buf_release(&many);
	assert_texts("a[@n:x] abstract\na[@xlink:x] abstract",
	    "<r xmlns:m='http://n' xmlns:l='http://www.w3.org/1999/xlink'>"
	    "<a x='1'>1</a><a m:x='1'>2</a><a l:x='1'>3</a></r>",
	    "2|3");
}

/* --- expressions ---------------------------------------------------------- */

static void
sources_follow_each_other(void **state)
{
	static const char xml[] = "<r><g v='&amp;9'><a>1</a><b>2</b><a>3</a>"
				  "</g><g><b> </b></g></r>";

	(void)state;
	assert_texts("g abstract\n text = a, b", xml, "1|3|2");
	assert_texts("g abstract\n text = b, \"c\", a", xml, "2|c|1|3");
	assert_texts("g abstract\n text = @v", xml, "&9");
	assert_texts("g abstract\n text = @v, .", xml, "&9|123");
	assert_texts("g abstract\n text = *", xml, "1|2|3");
	assert_texts("g abstract text=\"c\"", xml, "c");
	assert_texts("g abstract text=\"c\"\n if = a", xml, "c");
	assert_texts("g abstract\n text = b\n if = @none", xml, "");
	assert_texts("g/a abstract\n text = @none | default \"d\"", xml, "d");
	assert_texts(
	    ". abstract\n text = g/@v, g/a[@none], g//b, //a | last", xml, "3");
}

static void
functions_change_values(void **state)
{
	static const struct {
		const char *functions, *value, *want;
	} cases[] = {
	    {"first", "a</v><v>b", "a"},
	    {"last", "a</v><v>b", "b"},
	    {"join \"; \"", "a</v><v>b</v><v>c", "a; b; c"},
	    {"split \";\"", "a; b;;c ;", "a|b|c"},
	    {"isbd", "The wells /", "The wells"},
	    {"isbd", "History of wells.", "History of wells"},
	    {"isbd",
		"Wells of the UN.</v><v>Wells, 2nd ed.</v><v>Pi, A.</v><v>",
		"Wells of the UN|Wells, 2nd ed.|Pi, A."},
	    {"isbd", "Wells and so on...", "Wells and so on..."},
	    {"isbd", " / :", ""},
	    {"card", "Wells :</v><v>a history.</v><v>Part 1,</v><v>Dry ones /",
		"Wells : a history. Part 1, Dry ones"},
	    {"card", "Wells</v><v>a history</v><v>1990",
		"Wells : a history : 1990"},
	    {"card", "", ""},
	    {"trim", " \xc2\xa0 a ", "a"},
	    {"trim \"[é]\"", "[[éaé]]", "a"},
	    {"trim \"a\"", "aaa", ""},
	    {"strip \"info:\"", "info:a</v><v>b", "a|b"},
	    {"slice 1 2", "äöü€", "öü"},
	    {"slice 2 9", "abc", "c"},
	    {"slice 9 1", "abc", ""},
	    {"lower", "ÄÖ A", "äö a"},
	    {"default \"d\"", "a", "a"},
	    {"default \"d\"", "", "d"},
	    {"when \"A*\" \"?x\"", "abc</v><v>ux</v><v>uxx</v><v>Äx",
		"abc|ux|Äx"},
	    {"when \"*b*d\"", "abcbd</v><v>abc", "abcbd"},
	    /* in whatever way it is written */
	    {"when \"a b*\" \"é*\"",
		" A \n  bc</v><v>ab</v><v>a</v><v>a be</v><v>a c</v><v>"
		"E\xcc\x81x</v><v>ex",
		"A bc|a be|Éx"},
	    {"when \"и*\" \"x*\"", "Игла</v><v>Нет</v><v>針</v><v>xи",
		"Игла|xи"},
	    {"when \"k*\" \"i*\"",
		"\xe2\x84\xaa"
		"a</v><v>\xc4\xb0x",
		"Ka|İx"},
	    {"when \"è\"", "\xc3\x83\xc2\xa8", "è"},
	    {"when \"ab\"", "abc</v><v>a</v><v>AB</v><v>ab\xcc\x81", "AB"},
	    {"when \"*z\" \"ab?\"", "abc</v><v>ab</v><v>xyz</v><v>abcd",
		"abc|xyz"},
	    {"unless \"N/A\" \"*none*\"", "n/a</v><v>Is None.</v><v>c", "c"},
	    {"map language", "French</v><v>Klingonese</v><v>ger", "fr|de"},
	    {"map kind coar", "c_18cf</v><v>nothing", "publication"},
	    {"map agent-kind", "Personal</v><v>CORPORATE</v><v>x",
		"person|organisation"},
	    {"map \"A\"=\"b\" \"c\"=\"d\"", "a</v><v>C</v><v>e", "b|d"},
	    {"html", "a &lt;i&gt;b&lt;/i&gt; &amp;amp;c", "a b &c"},
	    {"person", "Smith, John, 1950-2001, author.", "Smith, John"},
	    {"person", "Smith, J. R.", "Smith, J. R."},
	    {"person", "Li, Wei (Wei Guang),", "Li, Wei (Wei Guang)"},
	    {"person", "García, José, fl. ca. 1880", "García, José"},
	    {"person", "1234", "1234"},
	    {"date", "7 May 2013</v><v>soon", "2013-05-07"},
	    {"lang", "eng</v><v>??", "en"},
	    {"doi", "https://doi.org/10.1000/A</v><v>no", "10.1000/a"},
	    {"handle", "123456789/12</v><v>http://hdl.handle.net/1/2",
		"123456789/12|1/2"},
	    {"isbn", "9780306406157 (pbk.)</v><v>978-0-306-40615-8",
		"9780306406157"},
	    {"issn", "0378-5955</v><v>0378-5954", "0378-5955"},
	    {"orcid", "0000-0002-1825-0097</v><v>x", "0000-0002-1825-0097"},
	    {"un-symbol", "A/RES/70/1</v><v>x", "A/RES/70/1"},
	    {"url | trim \"h\"", "http://x/y</v><v>x</v><v>http://x y",
		"ttp://x/y"},
	    {"split \",\" | trim \".\" | when \"a*\" | join \"+\"",
		"a1., b, a2", "a1+a2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *rules = xasprintf(
		    ". abstract\n text = v | %s | join \"\xc2\xa6\"\n",
		    cases[i].functions);
		char *xml = xasprintf("<r><v>%s</v></r>", cases[i].value);
		struct buf want;

		buf_init(&want, 4096);
		for (const char *p = cases[i].want; *p != '\0'; p++)
			if (*p == '|')
				buf_adds(&want, "\xc2\xa6");
			else
				buf_addc(&want, *p);
		assert_texts(rules, xml, buf_str(&want));
		buf_release(&want);
		free(rules);
		free(xml);
	}
}

/* --- targets -------------------------------------------------------------- */

static void
targets_take_their_parts(void **state)
{
	static const struct {
		const char *rules, *xml, *want;
	} cases[] = {
	    {"a title\nb title role=\"translated\"\n lang = @l\nc title",
		"<r xml:lang='en'><a>A</a><b l='fr'>B</b><c>C</c></r>",
		"\"titles\":[{\"text\":\"A\",\"lang\":\"en\",\"lang_basis\":"
		"\"declared\",\"role\":\"main\"},{\"text\":\"B\",\"lang\":"
		"\"fr\",\"lang_basis\":\"declared\",\"role\":\"translated\"},{"
		"\"text\":\"C\",\"lang\":\"en\",\"lang_basis\":\"declared\","
		"\"role\":\"alternative\"}]"},
	    {"a agent role=\"author\"\n name = n\n id = i\n affiliation = f\n "
	     "kind = @k",
		"<r><a k='Personal'><n>N</n><i>0000-0002-1825-0097</i><i>no</i>"
		"<f>F</f><f>G</f></a></r>",
		"\"agents\":[{\"name\":\"N\",\"role\":\"author\",\"ids\":[{"
		"\"scheme\":\"orcid\",\"value\":\"0000-0002-1825-0097\"}],"
		"\"affiliation\":\"F\",\"kind\":\"person\"}]"},
	    {"a agent\n name = n\n role_term = t",
		"<r><a><n>N</n><t>edt</t></a><a><n>M</n></a></r>",
		"\"agents\":[{\"name\":\"N\",\"role\":\"editor\",\"role_term\":"
		"\"edt\"},{\"name\":\"M\",\"role\":\"contributor\"}]"},
	    {"a date role=\"start\"\n value = f\n until = t",
		"<r><a><f>2013</f><t>May 2014</t></a></r>",
		"\"dates\":[{\"role\":\"start\",\"value\":\"2013\",\"until\":"
		"\"2014-05\",\"precision\":\"year\"}]"},
	    {"a identifier\n scheme = @t",
		"<r><a t='Handle'>1/2</a><a t='DOI'>10.1000/1</a><a "
		"t='ISSN'>0378-5955</a><a t='x'>z</a></r>",
		"\"identifiers\":[{\"scheme\":\"handle\",\"value\":\"1/2\"},{"
		"\"scheme\":\"doi\",\"value\":\"10.1000/1\"},{\"scheme\":"
		"\"local\",\"value\":\"z\"}],\"container\":{\"issn\":"
		"\"0378-5955\"}"},
	    {"a relation type=\"references\"\n text = @w\nb relation "
	     "type=\"has-part\"\n value = v\n text = w",
		"<r><a w='W'>10.1000/1</a><b><w>T</w></b></r>",
		"\"relations\":[{\"type\":\"references\",\"scheme\":\"doi\","
		"\"value\":\"10.1000/1\",\"text\":\"W\"},{\"type\":"
		"\"has-part\",\"text\":\"T\"}]"},
	    {"a container\n issn = i\n volume = v\n pages = p, q | join "
	     "\"-\"",
		"<r><a>x<i>0378-5955</i><v>3</v><p>1</p><q>9</q></a></r>",
		"\"container\":{\"issn\":\"0378-5955\",\"volume\":\"3\","
		"\"pages\":\"1-9\"}"},
	    {"a link role=\"full-text\"\n url = @h\n lang = @l\n media_type = "
	     "@m",
		"<r><a h='http://x/?a=1&amp;b=2' l='eng' m='text/css'/></r>",
		"\"links\":[{\"role\":\"full-text\",\"url\":\"http://x/?a=1&b="
		"2\",\"lang\":\"en\",\"media_type\":\"text/css\"}]"},
	    {"a subject\n scheme = @s\n code = @c",
		"<r><a s='LCSH' c='1'>T</a><a c='2'/></r>",
		"\"subjects\":[{\"text\":\"T\",\"scheme\":\"LCSH\",\"code\":"
		"\"1\"},{\"code\":\"2\"}]"},
	    {"a type scheme=\"coar\"", "<r><a>c_18cf</a></r>",
		"\"kind\":{\"code\":\"publication\",\"basis\":\"mapped\","
		"\"term\":\"c_18cf\",\"scheme\":\"coar\"},\"family\":"
		"\"knowledge\",\"types\":[{\"text\":\"c_18cf\",\"scheme\":"
		"\"coar\"}]"},
	    {"a type text=\"dataset\"", "<r><a/></r>",
		"\"kind\":{\"code\":\"dataset\",\"basis\":\"mapped\",\"term\":"
		"\"dataset\"},\"family\":\"knowledge\",\"types\":[{\"text\":"
		"\"dataset\"}]"},
	    {"a country role=\"target\"", "<r><a>Kenya; 404; TZA</a></r>",
		"\"countries\":[{\"code\":\"KEN\",\"role\":\"target\","
		"\"basis\":\"mapped\",\"term\":\"Kenya\"},{\"code\":\"TZA\","
		"\"role\":\"target\",\"basis\":\"mapped\",\"term\":\"TZA\"}]"},
	    {"a rights\n url = @u", "<r><a u='http://l/'>T</a><a u='no'/></r>",
		"\"rights\":[{\"text\":\"T\",\"url\":\"http://l/\"}]"},
	    {"a access text=\"open\"\nb ip_status\nc status\nd trl\n max = @m",
		"<r><a/><b>Patented</b><c>planned</c><d m='TRL 7'>4</d></r>",
		"\"status\":\"planned\",\"trl\":{\"min\":4,\"max\":7},"
		"\"ip_status\":\"Patented\",\"access\":\"open\""},
	    {"p name\n key = @i\na agent role=\"author\"\n",
		"<r xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
		"<a rdf:resource='#p1'/><a rdf:resource='#p2'/><p i='p1'>N</p>"
		"</r>",
		"\"agents\":[{\"name\":\"N\",\"role\":\"author\"},{\"name\":"
		"\"#p2\",\"role\":\"author\"}]"},
	    {"a title only=\"first\"\nb title only=\"first\"",
		"<r><b>B</b><a>A</a><b>C</b></r>",
		"\"titles\":[{\"text\":\"B\",\"role\":\"main\"}]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_record(cases[i].rules, cases[i].xml, cases[i].want);
}

/* --- which crosswalk ------------------------------------------------------ */

static void
assert_chosen(const char *format, const char *metadata, const char *want)
{
	static const char rule[] = "a abstract\n  text = \"%s\", . | join "
				   "\":\"\n";
	static const struct {
		const char *name, *head;
	} walks[] = {
	    {"by_ns", "namespace n http://n/\nmatches n:*\nformats f\n"},
	    {"by_name", "matches m k\n"}, {"by_format", "formats g\n"},
	    {"other", "wraps w/data\n"}};

	for (size_t i = 0; i < sizeof(walks) / sizeof(*walks); i++) {
		char *end = xasprintf(rule, walks[i].name);
		char *text = xasprintf(
		    "crosswalk %s\n%s%s", walks[i].name, walks[i].head, end);

		add(walks[i].name, text);
		free(text);
		free(end);
	}
	talk.q.format = format;
	read_metadata(metadata);
	talk.q.format = "oai_dc";
	assert_content(metadata, want);
}

static void
the_root_chooses(void **state)
{
	(void)state;
	assert_chosen("g", "<r xmlns='http://n/'><a>1</a></r>",
	    "\"abstracts\":[{\"text\":\"by_ns:1\"}]");
	assert_chosen(
	    "g", "<m><a>1</a></m>", "\"abstracts\":[{\"text\":\"by_name:1\"}]");
	assert_chosen("g", "<r xmlns=''><a>1</a></r>",
	    "\"abstracts\":[{\"text\":\"by_format:1\"}]");
	assert_chosen("z", "<r xmlns=''><a>1</a></r>",
	    "\"abstracts\":[{\"text\":\"other:1\"}]");
	/* metadata without a root; several roots */
	assert_chosen("g", "<a>1</a><a>2</a>",
	    "\"abstracts\":[{\"text\":\"by_format:1\"},{\"text\":\"by_format:2"
	    "\"}]");
	assert_chosen("z", "<m><a>1</a></m><q><a>2</a></q>",
	    "\"abstracts\":[{\"text\":\"by_name:1\"},{\"text\":\"other:2\"}]");
	/* the first known of what is wrapped */
	assert_chosen("z",
	    "<mets><w><data><q><a>1</a></q></data><data><m><a>2</a></m><k><a>3"
	    "</a></k></data></w><a>4</a></mets>",
	    "\"abstracts\":[{\"text\":\"by_name:2\"},{\"text\":\"other:4\"}]");
}

static void
inclusion_lends_namespaces(void **state)
{
	(void)state;
	add("x", "crosswalk x\nnamespace n none\nmatches r\ninclude y\na "
		 "abstract\n  text = \"x\"\n");
	add("y", "crosswalk y\nnamespace n http://n/\nn:a abstract\n");
	read_metadata("<r><a xmlns='http://n/'>1</a><a xmlns=''>2</a><a "
		      "xmlns='http://o/'>3</a></r>");
	assert_content("include", "\"abstracts\":[{\"text\":\"1\"},{\"text\":"
				  "\"x\"},{\"text\":\"2\"}]");
	/* the preview stands for the one of its name */
	add("x", "crosswalk x\nmatches r\na abstract\n");
	xwalk_pack(&texts, "p/x.crosswalk", "crosswalk x\nmatches r\na title\n",
	    strlen("crosswalk x\nmatches r\na title\n"), true);
	read_metadata("<r><a>1</a></r>");
	assert_content(
	    "preview", "\"titles\":[{\"text\":\"1\",\"role\":\"main\"}]");
}

/* --- hostile -------------------------------------------------------------- */

static void
nest(struct buf *b, size_t depth, const char *name)
{
	for (size_t i = 0; i < depth; i++)
		buf_printf(b, "<%s>x", name);
	for (size_t i = 0; i < depth; i++)
		buf_printf(b, "</%s>", name);
}

static void
assert_within(const char *rules, const struct buf *xml, const char *warning)
{
	clock_t begin = clock();
	char *text = xasprintf("crosswalk x\nmatches *\n%s", rules);

	add("x", text);
	read_metadata(buf_str(xml));
	free(text);
	/* A second as a rule; more where sanitizers or others slow it. */
	assert_true(clock() - begin < 8 * CLOCKS_PER_SEC);
	if (strstr(buf_str(&talk.json), warning) == NULL)
		fail_msg("%s: no %s in %.2000s", rules, warning,
		    buf_str(&talk.json));
}

static void
a_hostile_record_has_an_end(void **state)
{
	struct buf xml, rules;

	(void)state;
	buf_init(&xml, (size_t)32 << 20);
	/* rules within each other */
	buf_adds(&xml, "<r>");
	nest(&xml, 200, "x");
	buf_adds(&xml, "</r>");
	assert_within("//x abstract\n text = //x | join \"\"\n//x title\n "
		      "text = .\n//x agent\n name = x\n//x subject\n text = "
		      "//x\n//x coverage\n text = x\n//x rights\n text = x\n",
	    &xml, "more elements within each other than a crosswalk holds");
	/* a text in all of them */
	buf_clear(&xml);
	buf_adds(&xml, "<r>");
	for (int i = 0; i < 200; i++)
		buf_adds(&xml, "<x>");
	for (size_t i = 0; i < LIMIT_VALUE_BYTES / 16; i++)
		buf_adds(&xml, "0123456789abcdef");
	for (int i = 0; i < 200; i++)
		buf_adds(&xml, "</x>");
	buf_adds(&xml, "</r>");
	assert_within("//x title text=\"t\"\n if = . | when \"no\"\n", &xml,
	    "more text than a crosswalk holds");
	/* many values of one element */
	buf_clear(&xml);
	buf_adds(&xml, "<r>");
	for (size_t i = 0; i < 200000; i++)
		buf_adds(&xml, "<x>y</x>");
	buf_adds(&xml, "</r>");
	assert_within(". title\n text = x | join \"\"\n", &xml,
	    "more values than a crosswalk holds");
	assert_within(". title\n text = *, x, //x | split \"y\" | join "
		      "\"y\"\n//x title\n//*//* title",
	    &xml, "too-many-values");
	/* rules that are all asked for all of them */
	buf_init(&rules, MIB);
	for (size_t i = 0; i < 300; i++)
		buf_printf(&rules, "//*[@a=\"%zu\"] title\n", i);
	assert_within(
	    buf_str(&rules), &xml, "more elements than a crosswalk holds");
	/* rules for attributes of which there are many */
	buf_clear(&xml);
	buf_adds(&xml, "<r>");
	for (int i = 0; i < 2000; i++) {
		buf_adds(&xml, "<x");
		for (int k = 0; k < 480; k++)
			buf_printf(&xml, " k%d=\"\"", k);
		buf_adds(&xml, " z=\"v\"/>");
	}
	buf_adds(&xml, "</r>");
	buf_clear(&rules);
	for (size_t i = 0; i < 4000; i++)
		buf_printf(&rules, "//x[@y%zu] title\n", i);
	assert_within(
	    buf_str(&rules), &xml, "more elements than a crosswalk holds");
	buf_clear(&rules);
	for (size_t i = 0; i < 4000; i++)
		buf_printf(&rules, "//x[@z~=\"a%zu\",\"b\",\"c\"] title\n", i);
	assert_within(
	    buf_str(&rules), &xml, "more elements than a crosswalk holds");
	buf_release(&rules);
	/* a value over the limit */
	buf_clear(&xml);
	buf_adds(&xml, "<r><x>");
	for (size_t i = 0; i <= LIMIT_VALUE_BYTES / 16; i++)
		buf_adds(&xml, "0123456789abcdef");
	buf_adds(&xml, "</x></r>");
	assert_within("x abstract", &xml, "value-cut");
	buf_release(&xml);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_lead_to_elements),
	    cmocka_unit_test(names_have_namespaces),
	    cmocka_unit_test(predicates_choose),
	    cmocka_unit_test(sources_follow_each_other),
	    cmocka_unit_test(functions_change_values),
	    cmocka_unit_test(targets_take_their_parts),
	    cmocka_unit_test(the_root_chooses),
	    cmocka_unit_test(inclusion_lends_namespaces),
	    cmocka_unit_test(a_hostile_record_has_an_end),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
