/* Languages by script and small words; what is short or of several stays
 * unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <string.h>

#include "crosswalk/detect.h"

static const struct {
	const char *text, *lang; /* NULL: not to be told */
} rows[] = {
    {"The effects of a changing climate on smallholder farmers in Kenya", "en"},
    {"Guidelines for the management of drinking-water supplies", "en"},
    {"Les effets du changement climatique sur les petits exploitants", "fr"},
    {"L'eau potable et l'assainissement dans les zones rurales", "fr"},
    {"Los efectos del cambio climático en los pequeños agricultores", "es"},
    {"Evaluación de la política energética y de su financiación", "es"},
    {"Os efeitos das mudanças climáticas sobre os pequenos agricultores", "pt"},
    {"Die Auswirkungen des Klimawandels auf die Landwirtschaft", "de"},
    {"Gli effetti del cambiamento climatico sull'agricoltura della regione",
	"it"},
    {"De gevolgen van klimaatverandering voor het beheer van water", "nl"},
    {"Effekter av klimatförändringar på jordbruket och för skogen som finns",
	"sv"},
    {"Wpływ zmian klimatu na gospodarkę wodną i rolnictwo w Polsce", "pl"},
    {"Vliv změny klimatu na zemědělství a vodní hospodářství v České "
     "republice",
	"cs"},
    {"İklim değişikliğinin tarım ve su kaynakları üzerine etkileri", "tr"},
    {"Pengaruh perubahan iklim terhadap pertanian dan sumber daya air", "id"},
    {"Tác động của biến đổi khí hậu đối với nông nghiệp và nguồn nước", "vi"},
    {"Efectele schimbărilor climatice asupra agriculturii și a pădurilor din "
     "România",
	"ro"},
    {"Доклад о состоянии окружающей среды и водных ресурсов", "ru"},
    {"Звіт про стан довкілля та водних ресурсів України, її регіонів", "uk"},
    {"Доклад за състоянието на водите и въздуха в градовете, първа част", "bg"},
    {"تقرير عن حالة البيئة والموارد المائية في المنطقة العربية", "ar"},
    {"گزارش وضعیت محیط زیست و منابع آب در منطقه و "
     "چالش‌های "
     "پیش "
     "رو",
	"fa"},
    {"关于区域环境状况和水资源管理的年度报告", "zh"},
    {"地域の環境の状況と水資源の管理に関する年次報告書", "ja"},
    {"지역의 환경 상태와 수자원 관리에 관한 연례 보고서", "ko"},
    {"Έκθεση για την κατάσταση του περιβάλλοντος και των υδάτων", "el"},
    {"דוח על מצב הסביבה ומשאבי המים באזור ועל האתגרים שלפנינו", "he"},
    {"รายงานประจำปีเกี่ยวกับสถานการณ์สิ่งแวดล้อมและทรัพยากรน้ำ", "th"},
    /* too short, no words, names, several languages */
    {"Water for all", NULL},
    {"", NULL},
    {"水", NULL},
    {"Вода и энергия", NULL},
    {"1234567890 1234567890 1234567890 1234567890 1234567890", NULL},
    {"Smith J, Martens A, Westerhoff O, Ignatyev N, Maison W, Bader I", NULL},
    {"Dissostichus eleginoides Smitt 1898 Nototheniidae Antarctica", NULL},
    {"World Bank Group Kenya Tanzania Uganda Rwanda Burundi Malawi", NULL},
    {"Rapport annuel 年次報告書 Доклад 报告 Report تقرير التنمية", NULL},
    /* a font's encoding in the wrong one */
    {"îÁ×ÅÒÎÏÅ, ÅÄÉÎÓÔ×ÅÎÎÏÅ, ×Ï ÞÔÏ ÓÅÇÏÄÎÑ ÍÏÖÎÏ ×ÅÒÉÔØ", NULL},
};

static void
languages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *lang = detect_language(rows[i].text);

		if (lang != rows[i].lang &&
		    (lang == NULL || rows[i].lang == NULL ||
			strcmp(lang, rows[i].lang) != 0))
			fail_msg("%s: %s, not %s", rows[i].text,
			    lang ? lang : "none",
			    rows[i].lang ? rows[i].lang : "none");
	}
}

static void
long_texts(void **state)
{
	char text[4 * DETECT_BYTES];

	(void)state;
	/* What stands behind DETECT_BYTES is not read. */
	memset(text, '.', sizeof(text));
	memcpy(text + DETECT_BYTES, rows[0].text, strlen(rows[0].text));
	text[sizeof(text) - 1] = '\0';
	assert_null(detect_language(text));
	/* A word longer than any; a character across the end. */
	memset(text, 'a', sizeof(text) - 1);
	assert_null(detect_language(text));
	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i + 1, "水", 3);
	text[sizeof(text) - 3] = '\0';
	assert_string_equal(detect_language(text), "zh");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(languages),
	    cmocka_unit_test(long_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
