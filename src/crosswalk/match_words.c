/* One table of hashes for all of them, made before any child is forked.  Of a
 * list the words stand here as people write them. */
#include "crosswalk/match_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "crosswalk/match_fold.h"

enum {
	FILTER_BITS = 1 << 16,
	PHRASE_WORDS = 8, /* names of more words are not looked for */
	PHRASE_CHARS = 16, /* likewise characters of one without spaces */
	NAME_BYTES = 2 * RULES_KEY_BYTES,
	PLACE_BYTES = 48 /* codes of a former state; more are left out */
};

struct word_list {
	uint16_t flags;
	uint8_t number;
	const char *words;
};

static const struct word_list lists[] = {
    {MATCH_STOP, 0,
	"a an the of and or in on for to from with by at as its is are be into "
	"via using toward towards over under between among their this that "
	"these those new our we how what why"},
    {MATCH_STOP, 0,
	"de la le les des du et en un une dans pour sur par au aux l d avec "
	"vers leur leurs ces cette"},
    {MATCH_STOP, 0, "el la los las y del al para con por una como sobre entre"},
    {MATCH_STOP, 0,
	"o da do dos das e no na nos nas um uma pelo pela pelos pelas ao aos"},
    {MATCH_STOP, 0,
	"der die das und im von zu den dem eine einer eines für auf zum zur"},
    {MATCH_STOP, 0,
	"и в во на с со по для от до из о об к ко за при под у как или а не"},
    {MATCH_STOP, 0, "في من على إلى عن مع و أو بين هذا هذه التي الذي"},
    {MATCH_STOP, 0, "第 的"},
    {MATCH_PART, 0,
	"part volume vol tome band book chapter phase series no number issue "
	"section module annex appendix"},
    {MATCH_PART, 0,
	"partie numéro annexe chapitre livre cahier fascicule série titre"},
    {MATCH_PART, 0,
	"parte volumen tomo capítulo libro número sección módulo anexo "
	"apéndice fase serie título livro seção etapa"},
    {MATCH_PART, 0, "teil kapitel heft nummer anhang buch abschnitt folge"},
    {MATCH_PART, 0,
	"часть том выпуск глава книга раздел приложение этап серия номер"},
    {MATCH_PART, 0, "الجزء المجلد الفصل العدد القسم المرحلة الملحق"},
    {MATCH_LETTER, 1, "i"},
    {MATCH_LETTER, 5, "v"},
    {MATCH_LETTER, 10, "x"},
    {MATCH_NUMBER, 1,
	"first one 1st premier première erste ersten erster erstes primero "
	"primera primer primeiro primeira первый первая первое первого один "
	"الأول الأولى"},
    {MATCH_NUMBER, 2,
	"ii second two deuxième seconde deux zweite zweiten zweiter zweites "
	"zwei segundo segunda dois duas второй вторая второе второго два две "
	"الثاني الثانية"},
    {MATCH_NUMBER, 3,
	"iii third three troisième trois dritte dritten dritter drittes drei "
	"tercero tercera tercer terceiro terceira tres третий третья третье "
	"третьего три الثالث الثالثة"},
    {MATCH_NUMBER, 4,
	"iv fourth four quatrième quatre vierte vierten vierter viertes vier "
	"cuarto cuarta quarto quarta cuatro quatro четвёртый четвёртая "
	"четвёртое четыре الرابع الرابعة"},
    {MATCH_NUMBER, 5,
	"fifth five cinquième cinq fünfte fünften fünfter fünftes fünf quinto "
	"quinta cinco пятый пятая пятое пять الخامس الخامسة"},
    {MATCH_NUMBER, 6,
	"vi sixth six sixième sechste sechsten sechster sechstes sechs sexto "
	"sexta seis шестой шестая шестое шесть السادس السادسة"},
    {MATCH_NUMBER, 7,
	"vii seventh seven septième siebte siebten siebter siebtes sieben "
	"séptimo séptima sétimo sétima siete sete седьмой седьмая седьмое семь "
	"السابع السابعة"},
    {MATCH_NUMBER, 8,
	"viii eighth eight huitième huit achte achten achter achtes acht "
	"octavo "
	"octava oitavo oitava ocho oito восьмой восьмая восьмое восемь الثامن "
	"الثامنة"},
    {MATCH_NUMBER, 9,
	"ix ninth nine neuvième neunte neunten neunter neuntes neun noveno "
	"novena nono nona nueve nove девятый девятая девятое девять التاسع "
	"التاسعة"},
    {MATCH_NUMBER, 10,
	"tenth ten dixième dix zehnte zehnten zehnter zehntes zehn décimo "
	"décima diez dez десятый десятая десятое десять العاشر العاشرة"},
    {MATCH_NUMBER, 11, "xi eleventh onzième"},
    {MATCH_NUMBER, 12, "xii twelfth douzième"},
    {MATCH_NUMBER, 13, "xiii"},
    {MATCH_NUMBER, 14, "xiv"},
    {MATCH_NUMBER, 15, "xv"},
    {MATCH_NUMBER, 16, "xvi"},
    {MATCH_NUMBER, 17, "xvii"},
    {MATCH_NUMBER, 18, "xviii"},
    {MATCH_NUMBER, 19, "xix"},
    {MATCH_NUMBER, 20, "xx twentieth vingtième"},
    {MATCH_NUMBER, 21, "xxi"},
    {MATCH_NUMBER, 22, "xxii"},
    {MATCH_NUMBER, 23, "xxiii"},
    {MATCH_NUMBER, 24, "xxiv"},
    {MATCH_NUMBER, 25, "xxv"},
    {MATCH_NUMBER, 26, "xxvi"},
    {MATCH_NUMBER, 27, "xxvii"},
    {MATCH_NUMBER, 28, "xxviii"},
    {MATCH_NUMBER, 29, "xxix"},
    {MATCH_NUMBER, 30, "xxx"},
    /* a region of no vocabulary, that titles are told apart by */
    {MATCH_PLACE_WORDS, 0, "pacific"},
    {MATCH_THESIS, 0,
	"thesis dissertation thèse mémoire tesis tese dissertação habilitation "
	"диссертация أطروحة رسالة"},
    {MATCH_CONF, 0,
	"proc proceedings conference conf symposium symp workshop colloquium "
	"conférence colloque atelier conferencia congreso simposio taller "
	"conferência congresso konferenz tagung tagungsband конференция "
	"конференции симпозиум مؤتمر"},
    {MATCH_JOURNAL, 0,
	"journal j trans transactions magazine letters annals comput revue "
	"revista zeitschrift журнал вестник مجلة"},
    {MATCH_REPORT, 0,
	"report memo tr rapport informe relatório bericht отчёт доклад تقرير"},
};

/* What is a word or a person of its own far more often than the country that is
 * called so in another language (Island, Réunion, Irã, Omã, Gana, Maurice), and
 * groups that no thing is told apart by. */
static const char *const no_places[] = {"island", "reunion", "ira", "oma",
    "gana", "maurice", "mauricio", "dominique", NULL};
static const char *const no_codes[] = {"001", "199", "432", "722", NULL};

static struct arena texts; /* what places are called */
static struct match_word *slots;
static size_t slot_count; /* a power of two */
static uint64_t filter[FILTER_BITS / 64];

static size_t
slot_of(uint64_t hash)
{
	size_t at = hash & (slot_count - 1);

	while (slots[at].hash != 0 && slots[at].hash != hash)
		at = (at + 1) & (slot_count - 1);
	return at;
}

static uint64_t
hash_of(const char *s, size_t n)
{
	uint64_t h = hash64(s, n);

	return h != 0 ? h : 1; /* 0 is a free slot */
}

static struct match_word *
add(const char *s, size_t n)
{
	uint64_t hash = hash_of(s, n);
	struct match_word *w = &slots[slot_of(hash)];

	w->hash = hash;
	filter[hash % FILTER_BITS / 64] |= (uint64_t)1 << (hash % 64);
	return w;
}

static void
add_list(const struct word_list *l)
{
	char words[2048];
	size_t n =
	    match_fold(words, sizeof(words) - 1, l->words, strlen(l->words));

	for (size_t at = 0; at < n;) {
		size_t k = strcspn(words + at, " ");
		struct match_word *w = add(words + at, k);

		w->flags |= l->flags;
		if (l->number != 0)
			w->number = l->number;
		at += k + (at + k < n);
	}
}

static bool
is_among(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

static bool
is_stop(const char *s, size_t n)
{
	const struct match_word *w = match_word(s, n);

	return w != NULL && (w->flags & MATCH_STOP) != 0;
}

/* "the gambia", "bahamas the": without the article. */
static char *
trim(char *name)
{
	static const char *const articles[] = {
	    "the", "la", "le", "les", "el", "los", "las", NULL};
	char *space = strchr(name, ' '), *last = strrchr(name, ' ');

	if (last != NULL && is_among(last + 1, articles))
		*last = '\0';
	if (space != NULL && space != last) {
		*space = '\0';
		if (is_among(name, articles))
			return space + 1;
		*space = ' ';
	}
	return name;
}

/* Keys have no apostrophes, and match_fold() none before the s of a genitive:
 * "people s republic" becomes "peoples republic"; "u s" stays. */
static void
join_genitive(char *name)
{
	for (char *p = name; (p = strstr(p, " s")) != NULL; p++)
		if ((p[2] == ' ' || p[2] == '\0') && p - name >= 3 &&
		    p[-1] != ' ' && p[-2] != ' ')
			memmove(p, p + 1, strlen(p));
}

/* Tells what a name begins with how long it is. */
static void
add_beginning(const char *name)
{
	uint32_t cp = 0;
	unsigned k = utf8_decode(name, strlen(name), &cp);
	size_t first = strcspn(name, " "), count = 1, most = PHRASE_WORDS;
	struct match_word *w;

	for (const char *p = name; (p = strchr(p, ' ')) != NULL; p++)
		count++;
	if (match_is_unparted(cp)) {
		first = k;
		count = 0;
		most = PHRASE_CHARS;
		for (const char *p = name; *p != '\0'; p++)
			count += ((unsigned char)*p & 0xC0) != 0x80;
	}
	w = add(name, first);
	if (count <= most && w->most < count)
		w->most = (uint8_t)count;
}

/* Under a country's code stands what it is called, in English if it can be:
 * no word has capitals. */
static void
add_thing(const struct rules *rules, size_t i)
{
	struct rules_thing thing;
	struct rules_name name;
	char folded[NAME_BYTES], *out;
	size_t n = 0;

	rules_thing(rules, RULES_COUNTRY, i, &thing);
	for (size_t k = 0; k < thing.name_count; k++) {
		rules_name(rules, thing.name_first + k, &name);
		if (!name.is_alternative && strcmp(name.lang, "en") == 0)
			break;
	}
	if (thing.name_count == 0)
		return;
	match_fold(folded, sizeof(folded) - 1, name.text, strlen(name.text));
	out = arena_strdup(&texts, trim(folded));
	for (const char *p = out; *p != '\0'; p++)
		if (*p != ' ')
			out[n++] = *p;
	out[n] = '\0';
	add(thing.code, strlen(thing.code))->place = out;
}

/* Of a state that became several, their codes: "czesvk". */
static const char *
place_of(const char *codes)
{
	const struct match_word *w = match_word(codes, strlen(codes));
	char out[PLACE_BYTES + 1];
	size_t n = 0;

	if (rules_next(codes) == NULL && w != NULL && w->place != NULL &&
	    *w->place != '\0')
		return w->place;
	for (; codes != NULL; codes = rules_next(codes))
		for (const char *p = codes; *p != '\0' && n < PLACE_BYTES; p++)
			out[n++] =
			    (char)(*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p);
	return arena_strndup(&texts, out, n);
}

struct place_list {
	const struct rules *rules;
	const char *scheme;
	uint16_t flag;
};

static void
add_place(void *arg, const char *key)
{
	const struct place_list *l = arg;
	char folded[NAME_BYTES], *name;
	struct rules_hit hit;
	struct match_word *w;
	size_t n;

	if (!rules_find_exact(l->rules, RULES_COUNTRY, l->scheme, key, &hit) ||
	    is_among(hit.codes, no_codes))
		return;
	match_fold(folded, sizeof(folded) - 1, key, strlen(key));
	join_genitive(folded);
	name = trim(folded);
	n = strlen(name);
	if (n == 0 || is_stop(name, n) || is_among(name, no_places))
		return;
	add_beginning(name);
	w = add(name, n);
	/* of the same name twice, one of them a part: the part */
	if ((w->flags & MATCH_PLACE_WORDS) == 0) {
		w->flags |= l->flag;
		w->place = place_of(hit.codes);
	}
}

static void
count_key(void *arg, const char *key)
{
	(void)key;
	++*(size_t *)arg;
}

/* Terms of places: countries' parts (scheme part) before their countries. */
static const struct place_list places[] = {
    {NULL, "part", MATCH_PLACE_WORDS}, {NULL, rules_label, MATCH_PLACE}};

void
match_words_use(const struct rules *rules)
{
	enum { LISTED = 1024, BEGINNINGS = 2, PLACES = 2 };
	size_t things = rules_count(rules, RULES_COUNTRY), count = 0;

	for (size_t i = 0; i < PLACES; i++)
		rules_each_key(
		    rules, RULES_COUNTRY, places[i].scheme, count_key, &count);
	count = LISTED + things + BEGINNINGS * count;
	for (slot_count = 1; slot_count < 2 * count;)
		slot_count *= 2;
	arena_release(&texts);
	arena_init(&texts, 0);
	free(slots);
	slots = xcalloc(slot_count, sizeof(*slots));
	memset(filter, 0, sizeof(filter));
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		add_list(&lists[i]);
	for (size_t i = 0; i < things; i++)
		add_thing(rules, i);
	for (size_t i = 0; i < PLACES; i++) {
		struct place_list l = places[i];

		l.rules = rules;
		rules_each_key(rules, RULES_COUNTRY, l.scheme, add_place, &l);
	}
}

const struct match_word *
match_word(const char *s, size_t n)
{
	uint64_t hash = hash_of(s, n);
	const struct match_word *w;

	if (slots == NULL)
		match_words_use(NULL);
	if ((filter[hash % FILTER_BITS / 64] >> (hash % 64) & 1) == 0)
		return NULL;
	w = &slots[slot_of(hash)];
	return w->hash != 0 ? w : NULL;
}
