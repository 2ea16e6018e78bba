#include "resolve/word.h"

#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "resolve/parameters.h"

/* Words that are known to be something, folded as record.match is: English,
 * French and Spanish, and of Arabic, Chinese and Russian what is plain.  A word
 * may stand in several lists. */
static const struct {
	unsigned flags;
	const char *words;
} known_words[] = {
    {WORD_STRONG,
	"corrigendum corrigenda erratum errata addendum addenda correction "
	"corrections retraction summary annex annexes supplement reply comment "
	"rectificatif resume annexe annexes additif correctif reponse synthese "
	"resumen anexo anexos suplemento correccion erratas adenda sintesis "
	"исправление поправка приложение резюме дополнение ملخص تصويب ملحق "
	"摘要 更正 勘误 附件 补编"},
    {WORD_PLAIN,
	"appendix overview comments extended draft preliminary interim revised "
	"final appendice apercu projet preliminaire interimaire provisoire "
	"revise revisee apendice borrador preliminar provisional revisado "
	"revisada definitivo временный предварительный пересмотренный 草案 "
	"修订 مسودة"},
    {WORD_WEAK,
	"abstract poster tutorial panel demo demonstration extended session"},
    {WORD_MONTH,
	"january february march april may june july august september october "
	"november december jan feb mar apr jun jul aug sep sept oct nov dec "
	"janvier fevrier mars avril mai juin juillet aout septembre octobre "
	"novembre decembre enero febrero marzo abril mayo junio julio agosto "
	"septiembre octubre noviembre diciembre января февраля марта апреля "
	"мая июня июля августа сентября октября ноября декабря"},
    {WORD_EDITION, "edition editions ed version versions rev revision update "
		   "edicion издание 版本"},
    {WORD_PART,
	"part volume vol tome band book chapter phase series no number issue "
	"section module partie parte volumen tomo libro capitulo fase seccion "
	"modulo chapitre numero часть том глава выпуск"},
    {WORD_BODY,
	"organization organisation bank fund united nations department office "
	"ministry agency institute commission council programme program "
	"committee association centre center unesco fao who undp unicef unep "
	"ilo wipo itu wmo unido oecd world international national government "
	"union bureau university college laboratory foundation society "
	"federation secretariat authority corporation company consortium ltd "
	"inc gmbh organizacion banque banco fonds fondo unies naciones unidas "
	"departement departamento oficina ministere ministerio agence agencia "
	"institut instituto conseil consejo comite asociacion centro "
	"universite universidad fondation fundacion societe sociedad "
	"secretaria gouvernement gobierno mondiale mundial internationale "
	"internacional организация банк фонд министерство институт комитет "
	"университет منظمة وزارة بنك"},
    {WORD_SMALL,
	"a an the of and or in on for to from with by at as its de la le les "
	"des du et en un une dans pour sur par au aux el los las y del al para "
	"con por una der die das und im von zu fur da do dos e"},
};

/* The same as a table by hash, filled by the first that asks. */
enum { KNOWN_SLOTS = 1024 };
static struct {
	uint64_t hash[KNOWN_SLOTS]; /* 0: empty */
	uint16_t flags[KNOWN_SLOTS];
	bool is_filled;
} known;

static size_t
known_slot(uint64_t hash)
{
	size_t at = hash % KNOWN_SLOTS;

	while (known.hash[at] != 0 && known.hash[at] != hash)
		at = (at + 1) % KNOWN_SLOTS;
	return at;
}

static void
fill_known(void)
{
	size_t lists = sizeof(known_words) / sizeof(*known_words), count = 0;

	for (size_t i = 0; i < lists; i++) {
		const char *s = known_words[i].words;

		while (*s) {
			size_t n = strcspn(s, " ");
			uint64_t hash = profile_hash(HASH_WORD, s, n);
			size_t at = known_slot(hash);

			BUG_ON(++count > KNOWN_SLOTS / 2);
			known.hash[at] = hash;
			known.flags[at] |= (uint16_t)known_words[i].flags;
			s += n + (s[n] != '\0');
		}
	}
	known.is_filled = true;
}

void
word_make(struct profile_word *w, const char *text, size_t length)
{
	bool is_marked = length > 1 && (*text == '#' || *text == '@');

	if (!known.is_filled)
		fill_known();
	w->text = text;
	w->length = (uint16_t)length;
	w->hash = w->bare = profile_hash(HASH_WORD, text, length);
	w->flags = known.flags[known_slot(w->hash)];
	w->weight = 0;
	w->letters = 0;
	w->characters = 0;
	for (size_t i = 0; i < length; i++) {
		w->characters += ((uint8_t)text[i] & 0xC0) != 0x80;
		w->letters |= UINT64_C(1) << ((uint8_t)text[i] % 64);
		if (text[i] >= '0' && text[i] <= '9')
			w->flags |= WORD_DIGITS;
	}
	if (is_marked) {
		w->flags = *text == '#' ? WORD_NUMBER : WORD_PLACE;
		w->bare = *text == '#'
			      ? w->hash
			      : profile_hash(HASH_WORD, text + 1, length - 1);
	}
}

/* Characters of valid UTF-8; at most NEAR_LETTERS. */
enum { NEAR_LETTERS = 2048 };
static size_t
letters_of(uint32_t *out, const char *s, size_t n)
{
	size_t count = 0, at = 0;

	while (at < n && count < NEAR_LETTERS) {
		unsigned used = 1;

		out[count] = (uint8_t)s[at];
		if (out[count] >= 0x80)
			used = utf8_decode(s + at, n - at, &out[count]);
		BUG_ON(used == 0);
		at += used;
		count++;
	}
	return count;
}

/* Optimal string alignment within a band of k around the diagonal.  Neither
 * is empty. */
static bool
aligned(const uint32_t *a, size_t la, const uint32_t *b, size_t lb, int k)
{
	/* row[i % 3][d + k + 1]: distance of a's first i and b's first i + d
	 */
	int row[3][7], none = k + 1, width = 2 * k + 3;

	for (int d = 0; d < 3 * 7; d++)
		row[d / 7][d % 7] = none;
	for (int d = 0; d <= k; d++)
		row[0][d + k + 1] = d;
	for (size_t i = 1; i <= la; i++) {
		int *now = row[i % 3], *last = row[(i + 2) % 3];
		const int *before = row[(i + 1) % 3];
		int best = none;

		for (int at = 1; at < width - 1; at++) {
			ptrdiff_t j = (ptrdiff_t)i + at - k - 1;
			int v = none;

			now[at] = none;
			if (j < 0 || j > (ptrdiff_t)lb)
				continue;
			if (j == 0) {
				v = (int)i;
			} else {
				v = last[at] + (a[i - 1] != b[j - 1]);
				if (last[at + 1] + 1 < v)
					v = last[at + 1] + 1;
				if (now[at - 1] + 1 < v)
					v = now[at - 1] + 1;
				if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
				    a[i - 2] == b[j - 1] && before[at] + 1 < v)
					v = before[at] + 1;
			}
			now[at] = v < none ? v : none;
			if (now[at] < best)
				best = now[at];
		}
		now[0] = now[width - 1] = none;
		if (best > k)
			return false;
	}
	return row[la % 3][(ptrdiff_t)lb - (ptrdiff_t)la + k + 1] <= k;
}

static bool
letters_near(
    const uint32_t *a, size_t la, const uint32_t *b, size_t lb, unsigned k)
{
	if (la > lb ? la - lb > k : lb - la > k)
		return false;
	while (la > 0 && lb > 0 && *a == *b)
		a++, b++, la--, lb--;
	while (la > 0 && lb > 0 && a[la - 1] == b[lb - 1])
		la--, lb--;
	if (la <= k && lb <= k)
		return true;
	if (la == 0 || lb == 0)
		return false;
	if (k == 1) /* two neighbours; all else is found above */
		return la == 2 && lb == 2 && a[0] == b[1] && a[1] == b[0];
	return aligned(a, la, b, lb, (int)k);
}

bool
text_near(
    const char *s, size_t s_length, const char *t, size_t t_length, unsigned k)
{
	uint32_t a[NEAR_LETTERS], b[NEAR_LETTERS];

	/* What is the same at the front is most of it, but characters have to
	 * stay whole. */
	return letters_near(
	    a, letters_of(a, s, s_length), b, letters_of(b, t, t_length), k);
}

/* A quick no: k slips change at most 2 k letters.  Where letters have several
 * bytes, only the lengths tell. */
static bool
may_be_near(
    const struct profile_word *a, const struct profile_word *b, unsigned k)
{
	int apart = (int)a->characters - (int)b->characters;

	if (apart > (int)k || -apart > (int)k)
		return false;
	return a->characters != a->length || b->characters != b->length ||
	       __builtin_popcountll(a->letters ^ b->letters) <= (int)(2 * k);
}

static bool
is_near(const struct profile_word *a, const struct profile_word *b, unsigned k)
{
	return may_be_near(a, b, k) &&
	       text_near(a->text, a->length, b->text, b->length, k);
}

double
word_likeness(const struct profile_word *a, const struct profile_word *b)
{
	const unsigned exact = WORD_NUMBER | WORD_PLACE | WORD_DIGITS;
	unsigned n =
	    a->characters < b->characters ? a->characters : b->characters;
	size_t bytes = a->length < b->length ? a->length : b->length;

	if (n < 4 || ((a->flags | b->flags) & exact) != 0)
		return 0;
	if (is_near(a, b, 1))
		return PARAMETER.near_word;
	if (n >= 8 && is_near(a, b, 2))
		return PARAMETER.far_word;
	if (memcmp(a->text, b->text, bytes) == 0)
		return PARAMETER.begun_word;
	return 0;
}

static bool
is_end_of(const struct profile_word *end, const struct profile_word *of)
{
	return end->length < of->length &&
	       memcmp(of->text + of->length - end->length, end->text,
		   end->length) == 0;
}

bool
word_near_name(const struct profile_word *a, const struct profile_word *b)
{
	unsigned n =
	    a->characters < b->characters ? a->characters : b->characters;

	if (n < 5)
		return false;
	return is_end_of(a, b) || is_end_of(b, a) ||
	       is_near(a, b, n < 8 ? 1 : 2);
}
