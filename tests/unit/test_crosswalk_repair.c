/* Text that was damaged on its way is repaired; text that is right stays as it
 * is, in whatever language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <string.h>

#include "crosswalk/text.h"

static struct arena a;

static int
setup(void **state)
{
	(void)state;
	arena_init(&a, 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&a);
	return 0;
}

/* U+0000-00FF of each byte of text, which is how double encoding comes about;
 * is_windows: with the signs that windows-1252 has at 80-9F. */
static const char *
encode_again(const char *text, bool is_windows)
{
	static const char *const signs[32] = {"€", NULL, "‚", "ƒ", "„", "…",
	    "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", NULL, "Ž", NULL, NULL, "‘", "’",
	    "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", NULL, "ž", "Ÿ"};
	static char out[4096];
	char *o = out;

	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		assert_true(o < out + sizeof(out) - 8);
		if (*p < 0x80)
			*o++ = (char)*p;
		else if (is_windows && *p < 0xa0 && signs[*p - 0x80] != NULL)
			o = stpcpy(o, signs[*p - 0x80]);
		else {
			*o++ = (char)(0xc0 | *p >> 6);
			*o++ = (char)(0x80 | (*p & 0x3f));
		}
	}
	*o = '\0';
	return out;
}

static const char *
line(const char *text)
{
	return text_line(&a, text, strlen(text));
}

/* Right text, of which some looks as if it were not. */
static const char *const right[] = {
    "L’évaluation des besoins : où en est-on ? Étude n° 3",
    "Où est l'été « passé »… À Genève, ça va; Noël, cœur, Œuvre, ÉCOLE",
    "¿Qué es la energía? El Niño, pingüino — «información»",
    "Informação, manhã, AÇÃO, NÃO, CORAÇÃO, AVÓ",
    "Über Größe: Straße, Öl, „Maß“, »Spaß«, SCHÖN, GRÖẞE",
    "Åse og Øyvind ”Å”, “Ø” og 'Æ' — blåbærsyltetøy, ÅRSRAPPORT",
    "Zażółć gęślą jaźń — Łódź, Wrocław, Świnoujście",
    "Příliš žluťoučký kůň úpěl ďábelské ódy",
    "Iğdır, İstanbul’da çalışma; Şırnak, ÇÖZÜM, ÖĞRENCİ",
    "Árvíztűrő tükörfúrógép, Őrség",
    "Íslenska: Þórður, Ðað, ÞJÓÐ",
    "Đường đến thành phố Hồ Chí Minh — Những ngày tháng ở Huế",
    "Ελληνική Δημοκρατία: ύδωρ και ενέργεια",
    "Доклад о развитии: «вода» и энергия — ёлка, йод",
    "Українська: їжак, ґанок, єдність",
    "تقرير التنمية البشرية: المياه والطاقة",
    "گزارش می‌شود: آب‌های زیرزمینی",
    "דו״ח על מים ואנרגיה",
    "水と衛生に関する報告書：持続可能な開発目標",
    "关于水资源管理的报告（2019年）",
    "물과 위생에 관한 보고서",
    "जल और स्वच्छता पर रिपोर्ट: क्षेत्र",
    "รายงานเรื่องน้ำและสุขาภิบาล",
    "የውሃ እና የንጽህና ሪፖርት",
    "ရေနှင့် သန့်ရှင်းရေး",
    "ទឹក និងអនាម័យ",
    "ਪਾਣੀ ਅਤੇ ਸਫਾਈ",
    /* signs of windows-1252 behind letters */
    "5 °C ± 2 %, 3 µm², ½ ¾, £5, ¥100, €7, © 2019 ® ™",
    "CAFÉ” and “RÉSUMÉ”",
    "VOILÀ… ENFIN",
    "papá…”",
    "“Ã” is a letter",
    "The letters “Ø” and “Å”",
    "\"Ø” \"Å”",
    "MANHÃ», \"MANHÔ",
    "Â and Ã, Ð and Þ",
    "naïve café",
    "É»",
    /* backslashes and braces that are no LaTeX */
    "C:\\users\\anna and \\\\server\\share",
    "d+\\d{4}\\.txt",
    "Il dit \\\"oui\\\" et \\\"avec\\\" elle",
    "l\\'eau qu\\'il a",
    "University of Hawai\\'i Press",
    "O\\'ahu and Xi\\'an",
    "it\\'s the user\\'s and the agency\\'e",
    "$\\alpha_{i} \\in \\mathbb{R}$ and $\\textit{x}\\'e$",
    "prices of $5 and $6",
    "{COVID-19} in {A}frica",
    "a \\textit word",
    "set {x | x > 1}",
    "trailing \\",
    "an open \\textit{brace",
    "\\o is one",
};

static void
right_text_stays(void **state)
{
	(void)state;
	text_was_double();
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++) {
		assert_string_equal(line(right[i]), right[i]);
		if (text_was_double())
			fail_msg("%s passed for double encoding", right[i]);
	}
}

static void
double_encoding_is_undone(void **state)
{
	static const char *const texts[] = {
	    "L’évaluation des besoins: où en est-on? Étude n° 3",
	    "Información sobre energía", "Größe", "Côte d'Ivoire", "AÇÃO",
	    "Příliš žluťoučký kůň", "Zażółć gęślą jaźń", "Władysław",
	    "Доклад о развитии", "تقرير التنمية البشرية",
	    "关于水资源管理的报告", "水と衛生に関する報告書",
	    "물과 위생에 관한 보고서", "Đường đến thành phố", "5 °C", "© 2019",
	    "the world’s water", "“quoted”", "2010–2019", "Iğdır’da çalışma",
	    "voilà la"};
	char *copy;

	(void)state;
	text_was_double();
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (int is_windows = 0; is_windows < 2; is_windows++)
			for (int times = 1; times <= 2; times++) {
				copy = arena_strdup(
				    &a, encode_again(texts[i], is_windows));
				if (times == 2)
					copy = arena_strdup(
					    &a, encode_again(copy, is_windows));
				assert_string_equal(line(copy), texts[i]);
				assert_true(text_was_double());
			}
	/* the no-break space of à was folded before */
	assert_string_equal(line("voilÃ  l'Ã©tude"), "voilà l'étude");
	/* what one letter contradicts stays */
	assert_string_equal(line("é Ã©"), "é Ã©");
	text_was_double();
}

static void
latex(void **state)
{
	static const struct {
		const char *text, *plain;
	} rows[] = {
	    {"Andr\\'e Poincar{\\'e} and Erd\\H{o}s",
		"André Poincaré and Erdős"},
	    {"Schr{\\\"o}dinger, G\\\"odel, M\\\"{u}ller",
		"Schrödinger, Gödel, Müller"},
	    {"Fran\\c{c}ois, Dvo{\\v{r}}\\'ak, Pozna{\\'n}",
		"François, Dvořák, Poznań"},
	    {"S\\~ao Paulo, Espa\\~na, \\^{\\i}le, na\\\"{\\i}ve",
		"São Paulo, España, île, naïve"},
	    {"Stra{\\ss}e, {\\O}ystein, Z{\\l}oty, \\aa{}r",
		"Straße, Øystein, Złoty, år"},
	    {"\\textit{Anopheles gambiae} and \\emph{its \\textbf{range}}",
		"Anopheles gambiae and its range"},
	    {"{\\em Escherichia coli} in water", "Escherichia coli in water"},
	    {"R\\&D at 100\\%", "R&D at 100%"},
	    {"\\textit{A} with $x^{2}$ and {B}", "A with $x^{2}$ and {B}"},
	    {"CO\\textsubscript{2}", "CO2"},
	    {"\\'q and \\c{x} stay", "\\'q and \\c{x} stay"},
	};
	struct {
		char text[400];
	} deep;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(line(rows[i].text), rows[i].plain);
	/* deeper than braces are followed */
	memset(deep.text, '{', 40);
	strcpy(deep.text + 40, "\\textit{x}");
	assert_string_equal(line(deep.text), deep.text);
}

static void
invisible_characters(void **state)
{
	(void)state;
	assert_string_equal(line("co\xc2\xadoperation"), "cooperation");
	assert_string_equal(
	    line("zero\xe2\x80\x8bwidth\xef\xbb\xbf"), "zerowidth");
	assert_string_equal(
	    line("don\xc2\x92t \xc2\x93go\xc2\x94"), "don’t “go”");
	assert_string_equal(line("a\xc2\x81z\x7f"), "az");
	assert_string_equal(line("e\xcc\x81te\xcc\x81"), "été");
	assert_string_equal(line("caf\xc3\x83\xc2\xa9"), "café");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(right_text_stays),
	    cmocka_unit_test(double_encoding_is_undone),
	    cmocka_unit_test(latex),
	    cmocka_unit_test(invisible_characters),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
