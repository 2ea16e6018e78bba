/* Is it a person or an organisation: by words, by shape, else not at all. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crosswalk/people.h"
#include "crosswalk/vocab.h"

/* Words that stand in names of organisations and in no person's, in the form
 * of vocab_key(), sorted by bytes. */
static const char *const plain_words[] = {"academia", "academie", "academies",
    "academy", "acm", "agence", "agencia", "agencies", "agency", "agentschap",
    "agentur", "akademi", "akademia", "akademie", "alliance", "archives",
    "asociacion", "assembly", "associacao", "association", "associations",
    "associazione", "authority", "autoridad", "autorite", "biblioteca",
    "bibliothek", "bibliotheque", "bundesministerium", "center", "centre",
    "centro", "centrum", "clinic", "clinica", "college", "colleges", "colloque",
    "comision", "comissao", "comite", "commissie", "commission", "committee",
    "communaute", "community", "companies", "company", "comunidad",
    "comunidade", "confederation", "conference", "congreso", "congress",
    "conseil", "consejo", "conselho", "consortium", "consultancy",
    "consultants", "consulting", "cooperativa", "cooperative", "corp",
    "corporation", "council", "departamento", "departement", "department",
    "departments", "dept", "dipartimento", "directorate", "division", "ecole",
    "editions", "editora", "editorial", "edizioni", "egyetem", "elsevier",
    "enterprises", "escola", "escuela", "facolta", "faculdade", "facultad",
    "faculte", "faculteit", "faculty", "fakultat", "fakulteta", "federacao",
    "federacion", "federal", "federation", "fondation", "fondazione",
    "foundation", "fundacao", "fundacion", "gesellschaft", "gmbh", "gobierno",
    "gouvernement", "government", "governo", "gymnasium", "hochschule",
    "hopital", "hospital", "ieee", "inc", "industries", "initiative",
    "institut", "institute", "institutes", "institutet", "institution",
    "institutions", "instituto", "institutos", "instituut", "instytut",
    "istituto", "kingdom", "kommission", "laboratoire", "laboratories",
    "laboratorio", "laboratorium", "laboratory", "libraries", "library",
    "limitada", "limited", "llc", "ltd", "ministere", "ministerie",
    "ministeriet", "ministerio", "ministerium", "ministero", "ministerstvo",
    "ministries", "ministry", "musee", "museo", "museum", "nacional", "nations",
    "nazionale", "network", "netzwerk", "observatoire", "observatorio",
    "observatory", "office", "oficina", "organisation", "organisations",
    "organizacao", "organizacion", "organization", "organizations",
    "organizzazione", "parliament", "partnership", "platform", "plc", "program",
    "programa", "programme", "pty", "publications", "publishers", "publishing",
    "republic", "republica", "republique", "reseau", "sarl", "school",
    "secretaria", "secretariado", "secretariat", "secretariats", "senate",
    "service", "services", "servicio", "sociedad", "sociedade", "societe",
    "societies", "society", "stichting", "stiftung", "survey", "symposium",
    "taskforce", "technologies", "ufficio", "ulikool", "undp", "unep", "unesco",
    "unicef", "union", "universidad", "universidade", "universidades",
    "universita", "universitas", "universitat", "universitate", "universitatea",
    "universitatis", "universitats", "universite", "universiteit",
    "universites", "universitesi", "universitet", "universitetet",
    "universities", "university", "univerza", "univerzita", "uniwersytet",
    "verein", "verlag", "workshop", "yliopisto", "zentrum", "агентство",
    "академия", "издательство", "институт", "комиссия", "министерство",
    "организация", "университет", "універститет", "універсітэт", "центр",
    "جامعة", "مركز", "معهد", "منظمة", "وزارة"};

/* Words that are somebody's name as well: they count where the name is not
 * "Last, First", and has more than one word. */
static const char *const likely_words[] = {"amt", "anstalt", "banco", "band",
    "bank", "banque", "board", "bundesanstalt", "bureau", "choir", "church",
    "city", "county", "development", "editors", "ensemble", "firm", "fondo",
    "fonds", "forum", "fund", "global", "group", "groupe", "grupo", "house",
    "international", "journal", "lab", "labs", "landesamt", "mission",
    "municipality", "national", "orchestra", "press", "project", "projekt",
    "projet", "projeto", "proyecto", "quintet", "research", "review", "staff",
    "station", "team", "tribe", "trust", "unit", "world"};

/* Those of languages that do not part their words. */
static const char *const inner_words[] = {"大学", "大學", "研究所", "研究院",
    "研究センター", "公司", "会社", "委员会", "委員会", "委員會", "学会",
    "學會", "協会", "協會", "图书馆", "出版社", "대학교", "연구원", "연구소",
    NULL};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

enum { WORD_BYTES = 48 }; /* longer words are in no list */

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static int
compare(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

/* The form that the lists have, and its length: of ASCII without a detour. */
static size_t
fold_word(char out[VOCAB_KEY_BYTES], const char *p, size_t n)
{
	char word[WORD_BYTES];

	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)p[i] >= 0x80) {
			memcpy(word, p, n);
			word[n] = '\0';
			vocab_key(out, word);
			return strlen(out);
		}
		out[i] = (char)(p[i] | 0x20);
	}
	out[n] = '\0';
	return n;
}

static bool
is_among(const char *key, const char *const *list, size_t n)
{
	return bsearch(key, list, n, sizeof(*list), compare) != NULL;
}

/* Words that may be in a list, by bits of a hash of what they begin with and
 * of their length: most are in none. */
enum { LISTED_BITS = 4096 };
static uint64_t listed[LISTED_BITS / 64];
static bool is_listed_ready;

static uint64_t *
listed_bit(const char *key, size_t n, uint64_t *mask)
{
	uint32_t h =
	    ((((unsigned char)key[0] * 31U + (unsigned char)key[1]) * 31U +
		 (unsigned char)key[2]) *
		    31U +
		(uint32_t)n) *
		2654435761U >>
	    20;

	*mask = (uint64_t)1 << (h % 64);
	return &listed[h / 64];
}

static void
add_listed(const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t mask,
		    *bits = listed_bit(list[i], strlen(list[i]), &mask);

		*bits |= mask;
	}
}

/* key: of n bytes, 3 at least. */
static bool
may_be_listed(const char *key, size_t n)
{
	uint64_t mask;

	if (!is_listed_ready) {
		add_listed(plain_words, COUNT(plain_words));
		add_listed(likely_words, COUNT(likely_words));
		is_listed_ready = true;
	}
	return (*listed_bit(key, n, &mask) & mask) != 0;
}

struct words {
	size_t count, plain, likely;
};

static void
count_words(struct words *w, const char *name)
{
	memset(w, 0, sizeof(*w));
	for (const char *p = name; *p != '\0';) {
		char key[VOCAB_KEY_BYTES];
		size_t k = 0, n;

		while ((unsigned char)p[k] >= 0x80 || is_upper(p[k]) ||
		       is_lower(p[k]))
			k++;
		w->count += k > 0;
		if (k >= 3 && k < WORD_BYTES) {
			n = fold_word(key, p, k);
			if (n >= 3 && may_be_listed(key, n)) {
				w->plain += is_among(
				    key, plain_words, COUNT(plain_words));
				w->likely += is_among(
				    key, likely_words, COUNT(likely_words));
			}
		}
		p += k > 0 ? k : 1;
	}
}

/* "UNEP", "UN-Habitat", "FAO/WHO": one word with more capitals together than
 * initials have. */
static bool
is_acronym(const char *s)
{
	size_t capitals = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (strpbrk(s, " ,.") != NULL || strlen(s) > 16 || capitals < 2)
		return false;
	return s[capitals] == '\0' ||
	       (strchr("-/", s[capitals]) != NULL && is_upper(s[capitals + 1]));
}

/* "Institute of Physics (IOP)": the end is what it is called for short. */
static bool
ends_in_acronym(const char *s)
{
	const char *open = strrchr(s, '(');
	size_t n = open ? strspn(open + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;
	size_t words = 0;

	for (const char *p = s; open != NULL && p < open; p++)
		words += *p == ' ';
	return n >= 2 && strcmp(open + 1 + n, ")") == 0 && words >= 2;
}

static bool
is_particle(const char *s, size_t n)
{
	static const char *const words[] = {"van", "von", "der", "den", "de",
	    "del", "della", "di", "da", "do", "dos", "das", "du", "la", "le",
	    "ter", "ten", "te", "zu", "zur", "al", "el", "bin", "ibn", "ben",
	    "bint", "y", "e", "af", "av", "und", "dela", "'t", NULL};

	for (size_t i = 0; words[i] != NULL; i++)
		if (*words[i] == *s && strlen(words[i]) == n &&
		    strncmp(s, words[i], n) == 0)
			return true;
	return (n > 3 &&
		   (strncmp(s, "al-", 3) == 0 || strncmp(s, "el-", 3) == 0)) ||
	       (n > 2 && s[1] == '\'' && is_upper(s[2]));
}

static bool
is_suffix(const char *s)
{
	s += strspn(s, " ");
	if (*s == '\0' || strchr("JjSsI", *s) == NULL)
		return false;
	return strcasecmp(s, "Jr.") == 0 || strcasecmp(s, "Jr") == 0 ||
	       strcasecmp(s, "Sr.") == 0 || strcasecmp(s, "Sr") == 0 ||
	       strcmp(s, "II") == 0 || strcmp(s, "III") == 0 ||
	       strcmp(s, "IV") == 0;
}

/* What stands in no name. */
static bool
is_foreign(char c)
{
	switch (c) {
	case '0' ... '9':
	case '&':
	case ':':
	case ';':
	case '/':
	case '(':
	case ')':
	case '[':
	case ']':
	case '@':
	case '_':
	case '"':
		return true;
	default:
		return false;
	}
}

/* Up to five words, each with a capital (or of a script without them) or a
 * particle; in *initials how many are one letter. */
static bool
is_of_names(const char *s, size_t n, size_t *words, size_t *initials)
{
	*words = *initials = 0;
	for (size_t i = 0; i < n;) {
		size_t k;

		if (s[i] == ' ') {
			i++;
			continue;
		}
		for (k = 0; i + k < n && s[i + k] != ' '; k++)
			if (is_foreign(s[i + k]))
				return false;
		if (is_lower(s[i]) && !is_particle(s + i, k))
			return false;
		*initials +=
		    is_upper(s[i]) && (k == 1 || (k >= 2 && s[i + 1] == '.') ||
					  (k >= 3 && s[i + 2] == '.'));
		++*words;
		i += k;
	}
	return *words >= 1 && *words <= 6;
}

/* "Last, First", "Last, First, Jr.", "Last, Jr., First" */
static bool
is_inverted(const char *s)
{
	const char *comma = strchr(s, ','), *second, *open = strrchr(s, '(');
	size_t words, initials, n = strlen(s);

	if (comma == NULL || comma == s)
		return false;
	/* "Griffin, John M. (John Meredith)" */
	if (open != NULL && open > comma && s[n - 1] == ')')
		n = (size_t)(open - s);
	if (!is_of_names(s, (size_t)(comma - s), &words, &initials) ||
	    words > 4)
		return false;
	second = strchr(comma + 1, ',');
	if (second != NULL && !is_suffix(second + 1))
		return false;
	if (is_suffix(comma + 1)) /* "Lewis G. Hall, Jr." */
		return words >= 2;
	return is_of_names(comma + 1,
	    second ? (size_t)(second - comma - 1) : n - (size_t)(comma + 1 - s),
	    &words, &initials);
}

/* "A. J. Hong", "Rebecca C. Wade", "C Hamel", "Ronald J. Vervack Jr." */
static bool
has_initials(const char *s)
{
	size_t words, initials, n = strlen(s);
	const char *last = strrchr(s, ' ');

	if (strchr(s, ',') != NULL || !is_of_names(s, n, &words, &initials))
		return false;
	if (last != NULL && words > 2 && is_suffix(last))
		return true;
	return words >= 2 && words <= 5 && initials >= 1 && initials < words;
}

static bool
has_preposition(const char *s)
{
	return strchr(s, ',') == NULL &&
	       (strstr(s, " of the ") != NULL || strstr(s, " for ") != NULL ||
		   strstr(s, " pour ") != NULL || strstr(s, " para ") != NULL ||
		   strstr(s, " für ") != NULL);
}

static bool
has_inner_word(const char *s)
{
	const char *p = s;

	while (*p != '\0' && (unsigned char)*p < 0xe3)
		p++;
	if (*p == '\0')
		return false; /* their letters begin at U+3000 */
	for (size_t i = 0; inner_words[i] != NULL; i++)
		if (strstr(s, inner_words[i]) != NULL)
			return true;
	return false;
}

const char *
agent_kind_of(const char *name)
{
	struct words words;
	bool is_name;

	if (strlen(name) > AGENT_TEXT_BYTES)
		return NULL;
	count_words(&words, name);
	if (words.plain > 0 || has_inner_word(name) ||
	    strncmp(name, "UN ", 3) == 0 || is_acronym(name) ||
	    ends_in_acronym(name))
		return "organisation";
	is_name = is_inverted(name);
	if (!is_name && words.count > 1 && words.likely > 0)
		return "organisation";
	if (is_name || has_initials(name))
		return "person";
	return has_preposition(name) ? "organisation" : NULL;
}
