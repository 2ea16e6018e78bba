/* Dates as they are written, one table of what is read and one of what must
 * not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <string.h>

#include "crosswalk/dates.h"

/* clang-format off */
static const struct {
	const char *text, *value, *until;
	const char *precision; /* "~" in front: approximate */
} rows[] = {
	/* years */
	{"2013", "2013", "", "year"},
	{"1940?", "1940", "", "~year"},
	{"(1876)", "1876", "", "year"},
	{"[1876]", "1876", "", "year"},
	{"[1876?]", "1876", "", "~year"},
	{"[ca. 1998]", "1998", "", "~year"},
	{"ca.1998", "1998", "", "~year"},
	{"circa 1963", "1963", "", "~year"},
	{"c. 1999", "1999", "", "~year"},
	{"vers 1870", "1870", "", "~year"},
	{"um 1900", "1900", "", "~year"},
	{"c1999", "1999", "", "year"},
	{"p1999", "1999", "", "year"},
	{"©2004", "2004", "", "year"},
	{"© 2004", "2004", "", "year"},
	{"℗2004", "2004", "", "year"},
	{"(c) 2004", "2004", "", "year"},
	{"(c)2004", "2004", "", "year"},
	{"cop. 2004", "2004", "", "year"},
	{"Copyright 2004", "2004", "", "year"},
	{"1999, c1998", "1999", "", "year"},
	{"1981 [c1980]", "1981", "", "year"},
	{"2010 [i.e. 2011]", "2011", "", "year"},
	{"AD 1066", "1066", "", "year"},
	{"2013.", "2013", "", "year"},
	{"2013 (online)", "2013", "", "~year"},
	{"2013年", "2013", "", "year"},
	{"1st quarter 2010", "2010", "", "~year"},
	{"Q3 2010", "2010", "", "~year"},
	/* months and days in figures */
	{"2013-05", "2013-05", "", "month"},
	{"2013/05", "2013-05", "", "month"},
	{"2013-5-7", "2013-05-07", "", "day"},
	{"2013.05.07", "2013-05-07", "", "day"},
	{"20130507", "2013-05-07", "", "day"},
	{"20130507101112", "2013-05-07", "", "day"},
	{"201305", "2013-05", "", "month"},
	{"199607", "1996-07", "", "month"},
	{"12.05.2013", "2013-05-12", "", "day"},
	{"13/05/2013", "2013-05-13", "", "day"},
	{"05/13/2013", "2013-05-13", "", "day"},
	{"12-20-2007", "2007-12-20", "", "day"},
	{"05/05/2013", "2013-05-05", "", "day"},
	{"2013年5月7日", "2013-05-07", "", "day"},
	{"2013년 5월 7일", "2013-05-07", "", "day"},
	{"2013-05-07?", "2013-05-07", "", "~day"},
	/* times */
	{"2013-05-07T10:00:00Z", "2013-05-07T10:00:00Z", "", "second"},
	{"2013-05-07T10:00Z", "2013-05-07T10:00:00Z", "", "minute"},
	{"2013-05-07T00:30+02:00", "2013-05-06T22:30:00Z", "", "minute"},
	{"2013-05-07T10:00:00.123456789Z", "2013-05-07T10:00:00Z", "", "second"},
	{"2013-05-07 10:00:00", "2013-05-07", "", "day"},
	{"Mon, 05 May 2014 10:00:00 GMT", "2014-05-05T10:00:00Z", "", "second"},
	{"7.5.2013 10:00", "2013-05-07", "", "day"},
	/* months by name */
	{"May 2013", "2013-05", "", "month"},
	{"May, 2013", "2013-05", "", "month"},
	{"2013 May", "2013-05", "", "month"},
	{"May 7, 2013", "2013-05-07", "", "day"},
	{"7 May 2013", "2013-05-07", "", "day"},
	{"7-May-2013", "2013-05-07", "", "day"},
	{"2013-May-07", "2013-05-07", "", "day"},
	{"2013 May 7", "2013-05-07", "", "day"},
	{"1969, April 25", "1969-04-25", "", "day"},
	{"7th of May, 2013", "2013-05-07", "", "day"},
	{"Tuesday, May 7, 2013", "2013-05-07", "", "day"},
	{"1er mai 2013", "2013-05-01", "", "day"},
	{"mardi 7 mai 2013", "2013-05-07", "", "day"},
	{"7 de mayo de 2013", "2013-05-07", "", "day"},
	{"mayo del 2013", "2013-05", "", "month"},
	{"12. Mai 2013", "2013-05-12", "", "day"},
	{"août 2013", "2013-08", "", "month"},
	{"7 мая 2013 г.", "2013-05-07", "", "day"},
	{"مايو 2013", "2013-05", "", "month"},
	{"Sept. 2013", "2013-09", "", "month"},
	/* spans */
	{"1940-1949", "1940", "1949", "year"},
	{"1940 - 1949", "1940", "1949", "year"},
	{"1940–1949", "1940", "1949", "year"},
	{"(1870-1871)", "1870", "1871", "year"},
	{"1940/1949", "1940", "1949", "year"},
	{"1942/1942", "1942", "", "year"},
	{"2013-14", "2013", "2014", "year"},
	{"2013/14", "2013", "2014", "year"},
	{"1998-", "1998", "", "year"},
	{"between 1975 and 1990", "1975", "1990", "year"},
	{"[between 1906 and 1912?]", "1906", "1912", "~year"},
	{"[1971 or 1972]", "1971", "1972", "year"},
	{"from 1975 to 1990", "1975", "1990", "year"},
	{"entre 1975 et 1990", "1975", "1990", "year"},
	{"ca. 1900-ca. 1910", "1900", "1910", "~year"},
	{"1962-06-30 and 1962-07-11", "1962-06-30", "1962-07-11", "day"},
	{"2014-05-01/2014-06-30", "2014-05-01", "2014-06-30", "day"},
	{"2006-12 to 2017-03", "2006-12", "2017-03", "month"},
	{"2014-05-01/31", "2014-05-01", "2014-05-31", "day"},
	{"2013-05/08", "2013-05", "2013-08", "month"},
	{"May 23-24, 1970", "1970-05-23", "1970-05-24", "day"},
	{"23-24 May 1970", "1970-05-23", "1970-05-24", "day"},
	{"23 to 24 May 1970", "1970-05-23", "1970-05-24", "day"},
	{"28 May-2 June 1970", "1970-05-28", "1970-06-02", "day"},
	{"28 May 1970 - 2 June 1971", "1970-05-28", "1971-06-02", "day"},
	{"Jan-Feb 2013", "2013-01", "2013-02", "month"},
	{"January/February 2013", "2013-01", "2013-02", "month"},
	{"June 2016 to December 2016", "2016-06", "2016-12", "month"},
	{"May 2013-June 2014", "2013-05", "2014-06", "month"},
	{"del 12 al 15 de mayo de 2013", "2013-05-12", "2013-05-15", "day"},
	{"start=1939; end=1945;", "1939", "1945", "year"},
	{"name=The war; start=1939-09-01; scheme=W3C-DTF; end=1945-05-08;",
	    "1939-09-01", "1945-05-08", "day"},
	/* decades, centuries, seasons */
	{"1990s", "1990", "1999", "~year"},
	{"1990's", "1990", "1999", "~year"},
	{"1880s-1890s", "1880", "1899", "~year"},
	{"early 1960s", "1960", "1969", "~year"},
	{"1900s", "1900", "1999", "~year"},
	{"2000s", "2000", "2009", "~year"},
	{"199?", "1990", "1999", "~year"},
	{"[199-?]", "1990", "1999", "~year"},
	{"199-", "1990", "1999", "~year"},
	{"19--", "1900", "1999", "~year"},
	{"[19--?]", "1900", "1999", "~year"},
	{"19??", "1900", "1999", "~year"},
	{"199u", "1990", "1999", "~year"},
	{"19uu", "1900", "1999", "~year"},
	{"années 1960", "1960", "1969", "~year"},
	{"década de 1960", "1960", "1969", "~year"},
	{"19th century", "1801", "1900", "~year"},
	{"late 19th century", "1801", "1900", "~year"},
	{"19th-20th century", "1801", "2000", "~year"},
	{"XIXe siècle", "1801", "1900", "~year"},
	{"siglo XIX", "1801", "1900", "~year"},
	{"19. Jahrhundert", "1801", "1900", "~year"},
	{"XX век", "1901", "2000", "~year"},
	{"19世紀", "1801", "1900", "~year"},
	{"Spring 2010", "2010", "", "~year"},
	{"2010 Spring", "2010", "", "~year"},
	{"Spring/Summer 2010", "2010", "", "~year"},
	{"Fall 1967, Spring 1968", "1967", "1968", "~year"},
	{"Winter 2010-2011", "2010", "2011", "~year"},
	{"printemps 2010", "2010", "", "~year"},
	/* EDTF, level 1 */
	{"1984~", "1984", "", "~year"},
	{"1984%", "1984", "", "~year"},
	{"2004-06~", "2004-06", "", "~month"},
	{"201X", "2010", "2019", "~year"},
	{"20XX", "2000", "2099", "~year"},
	{"2004-XX", "2004", "", "year"},
	{"1985-04-XX", "1985-04", "", "month"},
	{"1985-XX-XX", "1985", "", "year"},
	{"1985-04/..", "1985-04", "", "month"},
	{"1985/", "1985", "", "year"},
	{"1984?/2004~", "1984", "2004", "~year"},
	/* what is not whole keeps its year */
	{"2013-00-00", "2013", "", "year"},
	{"2013-05-00", "2013-05", "", "month"},
	{"2013-02-30", "2013", "", "~year"},
	{"05/06/2014", "2014", "", "year"},
};
/* clang-format on */

static void
read_as(void **state)
{
	struct when w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool is_approximate = *rows[i].precision == '~';

		if (!when_read(&w, rows[i].text)) {
			fail_msg("%s is not read", rows[i].text);
			continue;
		}
		if (strcmp(w.value, rows[i].value) != 0 ||
		    strcmp(w.until, rows[i].until) != 0 ||
		    strcmp(w.precision, rows[i].precision + is_approximate) !=
			0 ||
		    w.approximate != is_approximate)
			fail_msg("%s became %s/%s, a %s%s", rows[i].text,
			    w.value, w.until, w.precision,
			    w.approximate ? ", approximate" : "");
	}
}

static void
not_read(void **state)
{
	/* clang-format off */
	static const char *const none[] = {"", " ", "?", "-", "..", "0000-00-00",
	    "soon", "12", "123", "123456789", "99999", "10000-01-01",
	    "193726130", "9999-12-31", "2500", "031231", "200612",
	    "n.d.", "undated", "unknown", "May 30 (year unknown)", "XXXX", "uuuu",
	    /* other eras and bounds */
	    "44 BC", "2000 BCE", "1500 B.C.", "-0044", "-1985", "1434 AH",
	    "1434 هـ", "2000 av. J.-C.", "1200 v. Chr.", "before 1867",
	    "[not before 1867]", "after 1867", "post-1867", "antes de 1867",
	    "../1985", "/1985", "10,000 BP",
	    /* two dates, or none */
	    "1881; 1882", "2010 and 2012 or so 2013", "1999, 2003, 2007",
	    "2016-11-01 to 2017-04-01, 2017-04-01 to 2017-10-01",
	    "1949-1940", "May 2013 - April 2012", "30 February - 2",
	    "Y170000002", "1774mau", "ISO9001", "A4 1234",
	    "1 score (27 p.) ;", "9th Asian PAD Workshop", "doi:10.1234/2013a",
	    "start=;", "start=yesterday; end=2013", "P1Y", "13/13",
	    "22nd century", "3rd century", "century", "XXXXX century",
	    "99歳以上超高齢者大腸癌手術症例の検討"};
	/* clang-format on */
	struct when w;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		if (when_read(&w, none[i]))
			fail_msg("%s became %s/%s", none[i], w.value, w.until);
		if (w.value[0] != '\0' || w.until[0] != '\0' || w.approximate ||
		    w.is_ambiguous)
			fail_msg("%s left something behind", none[i]);
	}
}

static void
two_ways(void **state)
{
	static const char *const rows2[] = {
	    "05/06/2014", "5-6-2014", "2014/15"};
	struct when w;

	(void)state;
	assert_true(when_read(&w, rows2[0]) && w.is_ambiguous);
	assert_true(when_read(&w, rows2[1]) && w.is_ambiguous);
	assert_string_equal(w.value, "2014");
	assert_true(when_read(&w, rows2[2]) && !w.is_ambiguous);
	assert_true(when_read(&w, "2011/12") && w.is_ambiguous);
	assert_string_equal(w.value, "2011");
	assert_string_equal(w.precision, "year");
	/* a season of EDTF, or 2001 to 2021 */
	assert_true(when_read(&w, "2001-21") && w.is_ambiguous);
	assert_string_equal(w.value, "2001");
	assert_string_equal(w.until, "");
}

static void
labels(void **state)
{
	const char *text = "Updated: 2013-05-07";

	(void)state;
	assert_string_equal(when_label(&text), "modified");
	assert_string_equal(text, "2013-05-07");
	text = "info:eu-repo/date/embargoEnd/2015-01-01";
	assert_string_equal(when_label(&text), "embargo");
	assert_string_equal(text, "2015-01-01");
	text = "Accessed: 2013-05-07";
	assert_null(when_label(&text));
	text = "10:30";
	assert_null(when_label(&text));
	assert_true(when_is_undated("[n.d.]"));
	assert_true(when_is_undated("Undated"));
	assert_true(when_is_undated("s. f."));
	assert_false(when_is_undated("2013"));
	assert_false(when_is_undated("soon"));
}

/* Whatever stands in it, nothing is read beyond it, and no text is a value. */
static void
hostile(void **state)
{
	static const char signs[] =
	    "0123456789-/.,: ?~%XxuTZ[]()csofMayJune\xc3\xa9\xe5\xb9\xb4&=;'";
	uint32_t seed = 12345;
	struct when w;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		char text[48];
		size_t n = (seed >> 8) % (sizeof(text) - 1);

		for (size_t i = 0; i < n; i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = signs[(seed >> 16) % (sizeof(signs) - 1)];
		}
		seed = seed * 1664525 + 1013904223;
		text[n] = '\0';
		if (!when_read(&w, text))
			continue;
		if (w.value[0] < '1' || w.value[0] > '2' || w.year < 1000 ||
		    w.precision == NULL || strlen(w.value) > 20 ||
		    (w.until[0] != '\0' && strcmp(w.until, w.value) < 0))
			fail_msg("%s became %s/%s", text, w.value, w.until);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(read_as),
	    cmocka_unit_test(not_read),
	    cmocka_unit_test(two_ways),
	    cmocka_unit_test(labels),
	    cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
