/* Dates of feeds: what each text means, "/" before the end of a span, "" for
 * what is no date. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "crosswalk/feed_date.h"

static void
texts(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"2004-W53-6", "2005-01-01"},
	    {"2004W536", "2005-01-01"},
	    {"2004-W53", "2004-12-27/2005-01-02"},
	    {"2003-W53", ""},
	    {"2004-366", "2004-12-31"},
	    {"2003-366", ""},
	    {"2003335", "2003-12-01"},
	    {"031231", "2003-12-31"},
	    {"03-12-31", "2003-12-31"},
	    {"-03-12", "2003-12"},
	    {"-0312", "2003-12"},
	    {"03-335", "2003-12-01"},
	    {"200312", ""},
	    {"2003-12-31T10:14:55.1234Z", "2003-12-31T10:14:55Z"},
	    {"20031231T101455Z", "2003-12-31T10:14:55Z"},
	    {"20031231T1014+0100", "2003-12-31T09:14:00Z"},
	    {"2003-12-31T10Z", "2003-12-31T10:00:00Z"},
	    {"2003-12-31T10.5Z", "2003-12-31T10:30:00Z"},
	    {"2003-12-31T24:00:00Z", "2004-01-01T00:00:00Z"},
	    {"2003-12-31 10:14:55 +02", "2003-12-31T08:14:55Z"},
	    {"2003-12-31T10:14:55-08:00", "2003-12-31T18:14:55Z"},
	    {"2003-12-31T10:14:55", "2003-12-31"},
	    {"2003-12-31T10:14:55 EST", "2003-12-31T15:14:55Z"},
	    {"2003-12-31T10:61:55Z", ""},
	    {"9999-12-31T23:59:59-99:99", ""},
	    {"22013", ""},
	    {"2013-01-27-01", ""},
	    {"2013-xx-27", ""},
	    {"2013-01-28T09:00:00+00:xx", ""},
	    {"2003", "2003"},
	    {"2003-12", "2003-12"},
	    {"Thu, 01 Jan 04 19:48:21 GMT", "2004-01-01T19:48:21Z"},
	    {"Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21Z"},
	    {"Thu,  5 Apr 2012 10:00:00 GMT", "2012-04-05T10:00:00Z"},
	    {"Wed, 19 Feb 2012 22:40:00 GMT-01:01", "2012-02-19T23:41:00Z"},
	    {"Wed, 19 Aug 2009 18:28:00 Etc/GMT", "2009-08-19T18:28:00Z"},
	    {"Mon, 13 Feb, 2012 06:28:00 UTC", "2012-02-13T06:28:00Z"},
	    {"Thu, 01 Jan 2004", "2004-01-01"},
	    {"Mon, 26 January 2004 16:31:00 ET", "2004-01-26T21:31:00Z"},
	    {"Thu Aug 30 2012 17:26:16 +0200", "2012-08-30T15:26:16Z"},
	    {"Sun, 16 Dec 2012 1:2:3:4 GMT", ""},
	    {"Sun, Dec x 2012 11:47:32 GMT", ""},
	    {"Sun, 16 zzz 2012 11:47:32 GMT", ""},
	    {"Sun, 16 Dec 2012 11:47:32 +zz:00", ""},
	    {"Sun, 16 Dec 2012 11:47:32 +00:zz", ""},
	    {"Sun, 16 Dec zz 11:47:32 GMT", ""},
	    {"Sun, 99 Jun 2009 12:00:00 GMT", ""},
	    {"Thu, 31 Jun 2004 19:48:21 GMT", ""},
	    {"Sun Jul 15 01:16:00 +0000 2012", "2012-07-15T01:16:00Z"},
	    {"Sun Jan  4 16:29:06 2004", "2004-01-04"},
	    {"Sun Jan  4 16:29:06 PST 2004", "2004-01-05T00:29:06Z"},
	    {"Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"},
	    {"Fri, 2006/09/15 08:19:53 EDT", "2006-09-15T12:19:53Z"},
	    {"2004-05-25 오후 11:23:17", "2004-05-25"},
	    {"2004년 05월  28일  01:31:15", "2004-05-28"},
	    {"2024年5月1日 10:00", "2024-05-01"},
	    {"2024年5月1日", "2024-05-01"},
	    {"2024年5月1日 星期三", "2024-05-01"},
	    {"2024年12月", "2024-12"},
	    {"2024年5月1日 12時30分", "2024-05-01"},
	    {"2024年5月1日 12時30分15秒 JST", "2024-05-01T03:30:15Z"},
	    {"2004-július-13T9:15-05:00", "2004-07-13T14:15:00Z"},
	    {"Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00Z"},
	    {"11 Ιουλίου 2004", "2004-07-11"},
	    {"2004. augusztus 3.", "2004-08-03"},
	    {"9/25/2010 1:00:00 PM", "2010-09-25"},
	    {"5/6/2010 1:00:00 PM", "2010"},
	    {"25/9/2010 13:00", "2010-09-25"},
	    {"25.09.2010 13:00", "2010-09-25"},
	    {"05.06.2010 13:00:00 CEST", "2010-06-05T11:00:00Z"},
	    {"5 мая 2024 г.", "2024-05-05"},
	    {"5 травня 2024", "2024-05-05"},
	    {"٥ مايو ٢٠٢٤", "2024-05-05"},
	    {"5 كانون الثاني 2024", "2024-01-05"},
	    {"الاثنين، 5 تشرين الأول/أكتوبر 2024 - 10:00", "2024-10-05"},
	    {"5 de mayo de 2024", "2024-05-05"},
	    {"1er mai 2024", "2024-05-01"},
	    {"1º de maio de 2024", "2024-05-01"},
	    {"le 5 août 2024", "2024-08-05"},
	    {"5. März 2024", "2024-03-05"},
	    {"Montag, 5. Dezember 2022 - 10:00", "2022-12-05"},
	    {"5. května 2024", "2024-05-05"},
	    {"5 kasım 2024", "2024-11-05"},
	    {"5 marraskuuta 2024", "2024-11-05"},
	    {"5 sierpnia 2024", "2024-08-05"},
	    {"5 octombrie 2024", "2024-10-05"},
	    {"lunedì 5 maggio 2024", "2024-05-05"},
	    {"May 5th, 2024", "2024-05-05"},
	    {"5th of May 2024", "2024-05-05"},
	    {"December 2003", "2003-12"},
	    {"Dec 2003", "2003-12"},
	    {"Sat, 7 Sep 2002 00:00:01 am GMT", "2002-09-07T00:00:01Z"},
	    {"Sat, 7 Sep 2002 12:00:01 AM GMT", "2002-09-07T00:00:01Z"},
	    {"Sat, 7 Sep 2002 1:00:01 PM GMT", "2002-09-07T13:00:01Z"},
	    {"Sat, 07 Sep 2002 9:42 am +0200", "2002-09-07T07:42:00Z"},
	    {"20040105", "2004-01-05"},
	    {"yesterday", ""},
	    {"2 days ago", ""},
	    {"0000-00-00", ""},
	    {"0000-00-00T00:00:00Z", ""},
	    {"30 Feb 2004", ""},
	    {"2004-02-30", ""},
	    {"2004-13-01", ""},
	    {"1234567890", ""},
	    {"2012-01-01T00:00:00Z2012", ""},
	    {"Mon Jan 02 2012", "2012-01-02"},
	    {"02-Jan-2012", "2012-01-02"},
	    {"2-Jan-12", "2012-01-02"},
	    {"2012-Jan-02", "2012-01-02"},
	    {"2012, January 2", "2012-01-02"},
	    {"12 October 1492", "1492-10-12"},
	    {"2003-12-31T10:14:55.123456789012Z", "2003-12-31T10:14:55Z"},
	    {"Thu, 31 Dec 2020 23:59:60 GMT", "2021-01-01T00:00:00Z"},
	    {"1/2/03", ""},
	    {"Thu(how I hate them), 9(th) Feb(ruary) 2006 23:59:45 +0000(GMT "
	     "r0x)",
		"2006-02-09T23:59:45Z"},
	    {"Thu, 09 (a (nested \\) one) Mar) Feb 2006 ()23:59:45 +0000",
		"2006-02-09T23:59:45Z"},
	    {"9 (Mar) Feb 2006 10:00 GMT", "2006-02-09T10:00:00Z"},
	    {"Thu, 09 Feb 2006 23:59 (CET)", "2006-02-09T22:59:00Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char got[2 * DATE_TEXT_BYTES + 2] = "";
		struct when w;

		if (feed_date_read(&w, rows[i].text))
			snprintf(got, sizeof(got), "%s%s%s", w.value,
			    w.until[0] ? "/" : "", w.until);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s instead of %s", rows[i].text, got,
			    rows[i].want);
	}
}

static void
precisions(void **state)
{
	struct when w;

	(void)state;
	assert_true(feed_date_read(&w, "2024-05-01T10+02"));
	assert_string_equal(w.precision, "minute");
	assert_string_equal(w.offset, "+02:00");
	assert_true(feed_date_read(&w, "Wed, 01 May 2024 10:00:00 -0330"));
	assert_string_equal(w.precision, "second");
	assert_string_equal(w.offset, "-03:30");
	assert_true(feed_date_read(&w, "5/6/2010 13:00 GMT"));
	assert_true(w.is_ambiguous);
	assert_string_equal(w.precision, "year");
	assert_string_equal(w.value, "2010");
}

/* Every day by its ordinal, and by its week, is that day. */
static void
ordinals_and_weeks(void **state)
{
	(void)state;
	for (int64_t day = date_days(1999, 1, 1); day < date_days(2011, 1, 1);
	     day++) {
		char text[32], want[16];
		int y, m, d, week_year;
		int64_t monday = day - (day + 3) % 7, fourth;
		struct when w;

		date_from_days(day, &y, &m, &d);
		snprintf(want, sizeof(want), "%04d-%02d-%02d", y, m, d);
		snprintf(text, sizeof(text), "%04d-%03d", y,
		    (int)(day - date_days(y, 1, 1)) + 1);
		assert_true(feed_iso_read(&w, text));
		assert_string_equal(w.value, want);
		/* a week is of the year that its Thursday is of */
		date_from_days(monday + 3, &week_year, &m, &d);
		fourth = date_days(week_year, 1, 4);
		snprintf(text, sizeof(text), "%04d-W%02d-%d", week_year,
		    (int)((monday - (fourth - (fourth + 3) % 7)) / 7) + 1,
		    (int)(day - monday) + 1);
		assert_true(feed_iso_read(&w, text));
		assert_string_equal(w.value, want);
	}
}

static void
months(void **state)
{
	static const char *const names[][12] = {
	    {"January", "February", "March", "April", "May", "June", "July",
		"August", "September", "October", "November", "December"},
	    {"janvier", "février", "mars", "avril", "mai", "juin", "juillet",
		"août", "septembre", "octobre", "novembre", "décembre"},
	    {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio",
		"agosto", "septiembre", "octubre", "noviembre", "diciembre"},
	    {"января", "февраля", "марта", "апреля", "мая", "июня", "июля",
		"августа", "сентября", "октября", "ноября", "декабря"},
	    {"كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز",
		"آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول"},
	    {"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو",
		"أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"},
	    {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli",
		"August", "September", "Oktober", "November", "Dezember"},
	    {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
		"luglio", "agosto", "settembre", "ottobre", "novembre",
		"dicembre"},
	    {"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca",
		"lipca", "sierpnia", "września", "października", "listopada",
		"grudnia"},
	    {"Ιανουαρίου", "Φεβρουαρίου", "Μαρτίου", "Απριλίου", "Μαΐου",
		"Ιουνίου", "Ιουλίου", "Αυγούστου", "Σεπτεμβρίου", "Οκτωβρίου",
		"Νοεμβρίου", "Δεκεμβρίου"},
	    {"ocak", "şubat", "mart", "nisan", "mayıs", "haziran", "temmuz",
		"ağustos", "eylül", "ekim", "kasım", "aralık"},
	    {"ledna", "února", "března", "dubna", "května", "června",
		"července", "srpna", "září", "října", "listopadu", "prosince"},
	    {"tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta",
		"toukokuuta", "kesäkuuta", "heinäkuuta", "elokuuta",
		"syyskuuta", "lokakuuta", "marraskuuta", "joulukuuta"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		for (int m = 0; m < 12; m++) {
			char text[96], want[32];
			struct when w;

			snprintf(text, sizeof(text), "7 %s 2024, 10:00",
			    names[i][m]);
			snprintf(want, sizeof(want), "2024-%02d-07", m + 1);
			if (!feed_date_read(&w, text) ||
			    strcmp(w.value, want) != 0)
				fail_msg("%s: %s", text, w.value);
		}
	assert_int_equal(feed_month("Mon", 3), 0);
	assert_int_equal(feed_month("Sun", 3), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts),
	    cmocka_unit_test(precisions),
	    cmocka_unit_test(ordinals_and_weeks),
	    cmocka_unit_test(months),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
