/* Numbers of documents (symbols of the United Nations), of patents and of
 * activities (IATI). */
#include <string.h>

#include "crosswalk/identifiers_priv.h"
#include "crosswalk/text.h"

/* Bodies whose documents carry symbols. */
static const char *const organs[] = {"A", "S", "E", "T", "ST", "DP", "FCCC",
    "UNEP", "CBD", "TD", "UNCTAD", "CEDAW", "CCPR", "CERD", "CRC", "CAT",
    "CRPD", "CMW", "CED", "HRI", "HSP", "HS", "LC", "ECE", "ESCAP", "ECA",
    "ESCWA", "CD", "SPLOS", "CLCS", "ISBA", "ICCD", "CITES", "IPCC", "IPBES",
    "PCNICC", "UNW", "UNFPA", "UNDP", "JIU", "ICCPR", "SS", "WIPO", "WO", "GEF",
    "WHA", "WHO", "UNIDO", "IDB", "GC", "PBC", "AC", "NPT", "BWC", "CCW",
    "CTOC", "CAC", "CEB", "CDIP", "SCCR", "SCP", "UNAIDS", "EC", "IDA", "APLC",
    "CCM", "UNITAR", "UNU", "UNV", "WFP", "SPT", "CEPA", "ICEF", "DPI",
    "UNSCEAR", "TDB"};

/* The words in small letters that symbols have. */
static size_t
symbol_word(const char *p)
{
	static const char *const words[] = {
	    "Add", "Rev", "Corr", "Amend", "Sub", "Summary"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strncmp(p, words[i], strlen(words[i])) == 0)
			return strlen(words[i]);
	return 0;
}

static bool
is_organ(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(organs) / sizeof(*organs); i++)
		if (strlen(organs[i]) == n && strncmp(s, organs[i], n) == 0)
			return true;
	return false;
}

/* "S/RES/1325 (2000)": the space goes. */
static size_t
year_behind(const char *p)
{
	return p[0] == ' ' && p[1] == '(' && text_is_digit(p[2]) &&
		       text_is_digit(p[3]) && text_is_digit(p[4]) &&
		       text_is_digit(p[5]) && p[6] == ')'
		   ? 1
		   : 0;
}

/* A/RES/70/1, E/CN.4/2004/1/Add.1: capitals, an organ first, a digit
 * somewhere. */
const char *
id_un_symbol(struct arena *a, const char *s)
{
	size_t n = strcspn(s, "/"), k;
	bool has_digit = false;
	char *out, *value;

	if (s[n] != '/' || strlen(s) > 80 || !is_organ(s, n))
		return NULL;
	out = value = arena_alloc(a, strlen(s) + 1);
	if (out == NULL)
		return NULL;
	for (const char *p = s; *p != '\0'; p += k) {
		k = symbol_word(p);
		has_digit |= text_is_digit(*p);
		if (year_behind(p) > 0) {
			k = 1;
			continue;
		}
		if (k == 0 && !text_is_digit(*p) && (*p < 'A' || *p > 'Z') &&
		    strchr("/.-()[]*_", *p) == NULL)
			return NULL;
		k = k > 0 ? k : 1;
		memcpy(out, p, k);
		out += k;
	}
	while (out > value && strchr(".*", out[-1]) != NULL)
		out--;
	*out = '\0';
	return has_digit && out[-1] != '/' ? value : NULL;
}

/* Offices whose numbers are written, and that are no words. */
static const char *const offices[] = {"WO", "EP", "US", "JP", "CN", "KR", "DE",
    "GB", "FR", "CA", "AU", "IN", "BR", "RU", "SU", "TW", "IT", "ES", "CH",
    "SE", "NL", "BE", "AT", "DK", "FI", "NO", "PL", "CZ", "HU", "PT", "GR",
    "IE", "IL", "MX", "AR", "CL", "CO", "PE", "ZA", "EG", "MA", "NG", "KE",
    "AP", "OA", "EA", "GC", "SG", "MY", "TH", "VN", "PH", "ID", "NZ", "UA",
    "TR", "SA", "HK"};

static bool
is_office(const char *s)
{
	for (size_t i = 0; i < sizeof(offices) / sizeof(*offices); i++)
		if (strncmp(s, offices[i], 2) == 0)
			return true;
	return false;
}

/* Office, digits, kind code: WO2012123456A1.  How the number is written is
 * left out ("WO 2012/123,456 A1", "WO/2012/123456"). */
static const char *
read_patent(struct arena *a, const char *s, bool is_named)
{
	char digits[16];
	size_t n = 0;
	const char *p = s + 2, *kind = "";
	bool is_wo, has_slash = false;

	if (!is_office(s))
		return NULL;
	for (; *p != '\0' && n + 1 < sizeof(digits); p++) {
		if (text_is_digit(*p))
			digits[n++] = *p;
		else if (strchr(" ,/-.", *p) == NULL)
			break;
		has_slash |= *p == '/' && n == 4;
	}
	digits[n] = '\0';
	if (n < 6 || n > 13 || p[-1] == '.')
		return NULL;
	is_wo = strncmp(s, "WO", 2) == 0 && n >= 10 && n <= 11 && has_slash;
	if (strchr("ABCEHPSTUWY", *p) != NULL && *p != '\0') {
		size_t k = text_is_digit(p[1]) ? 2 : 1;

		if (p[k] != '\0')
			return NULL;
		kind = p;
	} else if (*p != '\0' || (!is_named && !is_wo))
		return NULL;
	return arena_printf(a, "%.2s%s%s", s, digits, kind);
}

const char *
id_patent(struct arena *a, const char *s)
{
	return read_patent(a, s, false);
}

const char *
id_patent_named(struct arena *a, const char *s)
{
	return read_patent(a, s, true);
}

/* An activity's: its organisation's identifier (of an agency that registers
 * organisations), a hyphen, and the organisation's own. */
const char *
id_iati(struct arena *a, const char *s)
{
	static const char *const agencies[] = {"XM-DAC-", "XI-IATI-",
	    "XM-OCHA-", "GB-GOV-", "GB-COH-", "GB-CHC-", "GB-SC-", "NL-KVK-",
	    "US-EIN-", "US-GOV-", "US-USAGOV-", "FR-SIREN-", "DE-HRB-",
	    "BE-BCE_KBO-", "CH-FDJP-", "SE-ON-", "DK-CVR-", "NO-BRC-",
	    "FI-PRO-", "CA-CRA_ACR-", "IE-CHY-", "ES-DIR3-", "AU-ABN-",
	    "NZ-CNB-", "IN-MHA-", "KE-NCB-", "UG-NGB-", "ZA-NPO-"};
	size_t n = strlen(s), k;

	if (n > 100 || strpbrk(s, " \t\"<>?") != NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(agencies) / sizeof(*agencies); i++) {
		k = strlen(agencies[i]);
		if (strncmp(s, agencies[i], k) != 0)
			continue;
		k += strcspn(s + k, "-");
		return s[k] == '-' && s[k + 1] != '\0' &&
			       k > strlen(agencies[i])
			   ? arena_strdup(a, s)
			   : NULL;
	}
	return NULL;
}
