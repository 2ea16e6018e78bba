/* A look at the first few hundred bytes: letters by script, and of Latin ones
 * the words.  A library that knows eighty languages took 2 to 16 us for a title
 * where a whole record has 11. */
#include "crosswalk/detect.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "crosswalk/detect_words.h"

enum {
	SLOTS = 2048,
	WORD_BYTES = 64, /* that are kept of a longer one */
	ENDING_BYTES = 4,
	LONG_WORD = 6,
	MAX_LANGS = 32
};

/* --- words ---------------------------------------------------------------- */

struct slot {
	uint32_t hash; /* 0: free */
	uint32_t langs; /* a bit each */
};
static struct slot slots[SLOTS];
static bool is_ready;

/* What a hash begins with.  An ending is another word than the same letters
 * alone. */
static const uint32_t WORD_HASH = 2166136261U, ENDING_HASH = 0x9e3779b9U;

static uint32_t
hash_more(uint32_t h, unsigned char c)
{
	return (h ^ c) * 16777619U;
}

static uint32_t
hash_of(const char *word, size_t n, bool is_ending)
{
	uint32_t h = is_ending ? ENDING_HASH : WORD_HASH;

	for (size_t i = 0; i < n; i++)
		h = hash_more(h, (unsigned char)word[i]);
	return h | 1;
}

static struct slot *
slot_of(uint32_t hash)
{
	size_t at = (hash >> 8) % SLOTS;

	while (slots[at].hash != 0 && slots[at].hash != hash)
		at = (at + 1) % SLOTS;
	return &slots[at];
}

static void
add_words(const char *list, unsigned lang, bool is_ending)
{
	while (*list != '\0') {
		size_t n = strcspn(list, " ");
		struct slot *s = slot_of(hash_of(list, n, is_ending));

		s->hash = hash_of(list, n, is_ending);
		s->langs |= 1U << lang;
		list += n + (list[n] == ' ');
	}
}

void
detect_begin(void)
{
	if (is_ready)
		return;
	BUG_ON(detect_word_langs > MAX_LANGS);
	for (unsigned i = 0; i < detect_word_langs; i++) {
		add_words(detect_words[i].words, i, false);
		add_words(detect_words[i].endings, i, true);
	}
	is_ready = true;
}

/* --- what a text consists of ---------------------------------------------- */

enum script {
	LATIN,
	CYRILLIC,
	ARABIC,
	HAN,
	KANA,
	HANGUL,
	DEVANAGARI,
	OTHER, /* none of one language */
	OWN /* and above: own_scripts[] */
};

/* Scripts of one language. */
static const struct {
	uint16_t first, last;
	const char *lang;
} own_scripts[] = {{0x0370, 0x03ff, "el"}, {0x0531, 0x058f, "hy"},
    {0x0590, 0x05ff, "he"}, {0x0980, 0x09ff, "bn"}, {0x0a00, 0x0a7f, "pa"},
    {0x0a80, 0x0aff, "gu"}, {0x0b80, 0x0bff, "ta"}, {0x0c00, 0x0c7f, "te"},
    {0x0c80, 0x0cff, "kn"}, {0x0d00, 0x0d7f, "ml"}, {0x0d80, 0x0dff, "si"},
    {0x0e00, 0x0e7f, "th"}, {0x0e80, 0x0eff, "lo"}, {0x1000, 0x109f, "my"},
    {0x10a0, 0x10ff, "ka"}, {0x1780, 0x17ff, "km"}};
enum { OWN_SCRIPTS = sizeof(own_scripts) / sizeof(*own_scripts) };

/* Letters that some languages of a script have and others do not. */
enum mark {
	MARK_RU, /* ы э ё */
	MARK_UK, /* ї є ґ */
	MARK_BE, /* ў */
	MARK_SR, /* ђ ћ */
	MARK_MK, /* ѓ ќ */
	MARK_KK, /* ұ қ ғ */
	MARK_BG, /* ъ */
	MARK_CYRILLIC, /* another one */
	MARK_FA, /* پ چ ژ گ ک ی */
	MARK_UR, /* ٹ ڈ ڑ ں ے ہ */
	MARK_ARABIC, /* another one that Arabic has not */
	MARKS
};

struct text {
	unsigned letters[OWN + OWN_SCRIPTS], all;
	unsigned beyond; /* Latin letters beyond ASCII */
	unsigned marks[MARKS];
	unsigned score[MAX_LANGS], words;
};

static bool
is_in(uint32_t c, const uint16_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == c)
			return true;
	return false;
}
#define IS_IN(c, ...)                                                          \
	is_in(c, (const uint16_t[]){__VA_ARGS__},                              \
	    sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))

static void
cyrillic(struct text *t, uint32_t c)
{
	t->letters[CYRILLIC]++;
	if (c >= 0x430 && c < 0x450)
		t->marks[MARK_RU] += c == 0x44b || c == 0x44d;
	if (c == 0x44a)
		t->marks[MARK_BG]++;
	if (c < 0x450 && c >= 0x410)
		return;
	if (c == 0x451 || c == 0x401)
		t->marks[MARK_RU]++;
	else if (IS_IN(c, 0x457, 0x407, 0x454, 0x404, 0x491, 0x490))
		t->marks[MARK_UK]++;
	else if (c == 0x45e || c == 0x40e)
		t->marks[MARK_BE]++;
	else if (IS_IN(c, 0x452, 0x402, 0x45b, 0x40b))
		t->marks[MARK_SR]++;
	else if (IS_IN(c, 0x453, 0x403, 0x45c, 0x40c))
		t->marks[MARK_MK]++;
	else if (IS_IN(c, 0x4b1, 0x4b0, 0x49b, 0x49a, 0x493, 0x492))
		t->marks[MARK_KK]++;
	else
		t->marks[MARK_CYRILLIC]++;
}

static void
arabic(struct text *t, uint32_t c)
{
	if (c < 0x620 || (c >= 0x64b && c < 0x671) || c > 0x6d3)
		return; /* signs, vowels, digits */
	t->letters[ARABIC]++;
	if (c <= 0x64a || c == 0x671)
		return;
	if (IS_IN(c, 0x679, 0x688, 0x691, 0x6ba, 0x6d2, 0x6c1))
		t->marks[MARK_UR]++;
	else if (IS_IN(c, 0x67e, 0x686, 0x698, 0x6af, 0x6a9, 0x6cc))
		t->marks[MARK_FA]++;
	else
		t->marks[MARK_ARABIC]++;
}

static void
count_letter(struct text *t, uint32_t c)
{
	t->all++;
	if (c < 0x250 || (c >= 0x1e00 && c < 0x1f00)) {
		t->letters[LATIN]++;
		t->beyond++;
	} else if (c >= 0x400 && c < 0x530)
		cyrillic(t, c);
	else if (c >= 0x600 && c < 0x700)
		arabic(t, c);
	else if (c >= 0x900 && c < 0x980)
		t->letters[DEVANAGARI]++;
	else if (c >= 0x3041 && c < 0x3100)
		t->letters[KANA]++;
	else if ((c >= 0x3400 && c < 0xa000) || (c >= 0x20000 && c < 0x30000))
		t->letters[HAN]++;
	else if (c >= 0xac00 && c < 0xd7a4)
		t->letters[HANGUL]++;
	else {
		for (unsigned i = 0; i < OWN_SCRIPTS; i++)
			if (c >= own_scripts[i].first &&
			    c <= own_scripts[i].last) {
				t->letters[OWN + i]++;
				return;
			}
		t->letters[OTHER]++;
	}
}

static void
letter_speaks(struct text *t, uint32_t c)
{
	for (unsigned i = 0; i < detect_letter_count; i++) {
		const struct detect_letter *l = &detect_letters[i];

		if (c < l->first)
			return;
		if (c > l->last)
			continue;
		for (unsigned k = 0; k < detect_word_langs; k++)
			if (detect_words[k].lang[0] == l->lang[0] &&
			    detect_words[k].lang[1] == l->lang[1])
				t->score[k] += l->weight;
		return;
	}
}

/* The word in hand, hashed as it grows. */
struct word {
	char bytes[WORD_BYTES];
	size_t n;
	uint32_t hash;
	bool is_capital;
};

static void
add_bytes(struct word *w, const char *s, size_t n)
{
	memcpy(w->bytes + w->n, s, n);
	w->n += n;
	for (size_t i = 0; i < n; i++)
		w->hash = hash_more(w->hash, (unsigned char)s[i]);
}

/* One that a single language has counts twice. */
static void
take_word(struct text *t, const struct word *w)
{
	const struct slot *s = slot_of(w->hash | 1);
	uint32_t langs = s->langs;

	t->words++;
	if (s->hash == 0 && w->n >= LONG_WORD) {
		s = slot_of(hash_of(
		    w->bytes + w->n - ENDING_BYTES, ENDING_BYTES, true));
		langs = s->langs;
	}
	for (uint32_t left = langs; left != 0; left &= left - 1)
		t->score[__builtin_ctz(left)] +=
		    1 + ((langs & (langs - 1)) == 0);
}

/* A capital letter alone is an initial, not "a" or "o". */
static void
end_word(struct text *t, struct word *w)
{
	if (w->n > 1 || (w->n == 1 && !w->is_capital))
		take_word(t, w);
	w->n = 0;
	w->hash = WORD_HASH;
}

struct ranking {
	unsigned best, second, lang;
};

static struct ranking
rank(const struct text *t)
{
	struct ranking r = {0};

	for (unsigned i = 0; i < detect_word_langs; i++)
		if (t->score[i] > r.best) {
			r.second = r.best;
			r.best = t->score[i];
			r.lang = i;
		} else if (t->score[i] > r.second)
			r.second = t->score[i];
	return r;
}

/* The rest of the text would change nothing. */
static bool
is_clear(const struct text *t)
{
	struct ranking r = rank(t);

	return t->letters[LATIN] == t->all && t->all >= DETECT_LETTERS &&
	       r.best >= 10 && r.best >= 2 * r.second;
}

/* The letters of ASCII that s[0..n) begins with go to the word as small ones,
 * as many as there is room for. */
static size_t
ascii_letters(struct word *w, const char *s, size_t n)
{
	uint32_t hash = w->hash;
	size_t i, at = w->n;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i] | 0x20;

		if (c < 'a' || c > 'z')
			break;
		if (at == WORD_BYTES)
			continue;
		w->bytes[at++] = (char)c;
		hash = hash_more(hash, c);
	}
	w->n = at;
	w->hash = hash;
	return i;
}

/* A letter of two or three bytes; false where what it is ends the word. */
static bool
other_letter(
    struct text *t, struct word *w, uint32_t c, const char *s, size_t n)
{
	char small[4];

	if (c < 0xc0 || (c >= 0x2000 && c < 0x3040) ||
	    (c >= 0x300 && c < 0x370) || c >= 0xff00) {
		if (c < 0xc0)
			letter_speaks(t, c);
		return false;
	}
	count_letter(t, c);
	if (c >= 0x250 && (c < 0x1e00 || c >= 0x1f00))
		return true;
	letter_speaks(t, c);
	if (w->n + n > WORD_BYTES)
		return true;
	memcpy(small, s, n);
	if (c < 0xdf)
		small[1] |= 0x20;
	add_bytes(w, small, n);
	return true;
}

/* Words in lower case of ASCII and U+00C0-00DE. */
static void
read_text(struct text *t, const char *s, size_t n)
{
	struct word w = {.hash = WORD_HASH};
	unsigned used;
	uint32_t c;

	for (size_t i = 0; i < n; i += used) {
		bool has_word;

		if (w.n == 0)
			w.is_capital = (unsigned char)s[i] < 'a';
		used = (unsigned)ascii_letters(&w, s + i, n - i);
		if (used > 0) {
			t->all += used;
			t->letters[LATIN] += used;
			continue;
		}
		used = 1;
		if ((unsigned char)s[i] < 0x80) {
			has_word = w.n > 0;
			end_word(t, &w);
			if (has_word && t->words % 16 == 0 && is_clear(t))
				return;
			continue;
		}
		used = utf8_decode(s + i, n - i, &c);
		if (used == 0)
			break;
		if (!other_letter(t, &w, c, s + i, used))
			end_word(t, &w);
	}
	end_word(t, &w);
}

/* --- what it comes to ----------------------------------------------------- */

static const char *
by_words(const struct text *t)
{
	struct ranking r = rank(t);
	const char *lang = detect_words[r.lang].lang;

	/* a fifth of the words, and clearly more than any other language */
	if (r.best < 4 || r.best * 5 < t->words || r.best < r.second + 2 ||
	    r.best * 4 < r.second * 5)
		return NULL;
	/* Vietnamese alone has that many marks; else some encoding is wrong. */
	if (t->beyond * 5 > t->all * 2 && strcmp(lang, "vi") != 0)
		return NULL;
	return lang;
}

static const char *
by_cyrillic(const struct text *t)
{
	static const struct {
		enum mark mark;
		const char *lang;
	} own[] = {{MARK_SR, "sr"}, {MARK_MK, "mk"}, {MARK_BE, "be"},
	    {MARK_UK, "uk"}, {MARK_KK, "kk"}};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (t->marks[own[i].mark] > 0)
			return own[i].lang;
	if (t->marks[MARK_CYRILLIC] > 0)
		return NULL;
	if (t->marks[MARK_RU] > 0)
		return "ru";
	return t->marks[MARK_BG] >= 2 ? "bg" : NULL;
}

static const char *
by_arabic(const struct text *t)
{
	if (t->marks[MARK_UR] > 1)
		return "ur";
	if (t->marks[MARK_ARABIC] > 0)
		return NULL;
	return t->marks[MARK_FA] > 1	? "fa"
	       : t->marks[MARK_FA] == 0 ? "ar"
					: NULL;
}

const char *
detect_language(const char *text)
{
	struct text t = {0};
	size_t n = strnlen(text, DETECT_BYTES);
	unsigned most = 0, east;

	/* A letter has one byte at least, a sign three. */
	if (n < DETECT_LETTERS)
		return NULL;
	detect_begin();
	read_text(&t, text, utf8_cut(text, n, n));
	east = t.letters[HAN] + t.letters[KANA] + t.letters[HANGUL];
	if (east >= DETECT_SIGNS && east * 2 > t.all) {
		if (t.letters[HANGUL] * 2 > east)
			return "ko";
		return t.letters[KANA] * 8 > east ? "ja"
		       : t.letters[KANA] == 0	  ? "zh"
						  : NULL;
	}
	for (unsigned i = 1; i < OWN + OWN_SCRIPTS; i++)
		if (t.letters[i] > t.letters[most])
			most = i;
	/* three quarters in one script */
	if (t.all < DETECT_LETTERS || t.letters[most] * 4 < t.all * 3)
		return NULL;
	switch (most) {
	case LATIN:
		return by_words(&t);
	case CYRILLIC:
		return by_cyrillic(&t);
	case ARABIC:
		return by_arabic(&t);
	default:
		return most >= OWN ? own_scripts[most - OWN].lang : NULL;
	}
}
