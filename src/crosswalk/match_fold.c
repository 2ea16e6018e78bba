/* A character at a time.  What one comes to depends on no other but for the
 * marks, and these are left out, so each is asked of utf8proc once and kept. */
#include "crosswalk/match_fold.h"

#include <string.h>
#include <utf8proc.h>

#include "base/limits.h"
#include "base/utf8.h"

enum letter_class {
	LETTER_UNKNOWN, /* a free slot */
	LETTER_WORD,
	LETTER_UNPARTED,
	LETTER_MIXED, /* both: "㋁" is "2" and "月" */
	LETTER_SPACE, /* stands between words */
	LETTER_NOTHING, /* joins, marks */
	LETTER_APOSTROPHE
};

enum { LETTER_BYTES = 14, LETTER_SLOTS = 2048, POINTS = 8, TAG_CHARS = 20 };

struct letter {
	uint32_t cp;
	uint8_t class; /* enum letter_class */
	uint8_t n;
	char bytes[LETTER_BYTES];
};

/* By the lower bits of the character: those of one text are of few blocks. */
static struct letter kept[LETTER_SLOTS];

bool
match_is_unparted(uint32_t cp)
{
	return (cp >= 0x0E00 && cp <= 0x109F) || /* Thai to Burmese */
	       (cp >= 0x1780 && cp <= 0x17FF) || /* Khmer */
	       (cp >= 0x3040 && cp <= 0x30FF) || /* kana */
	       (cp >= 0x31F0 && cp <= 0x31FF) ||
	       (cp >= 0x3400 && cp <= 0x9FFF) || cp == 0x3005 ||
	       (cp >= 0xF900 && cp <= 0xFAFF) ||
	       (cp >= 0x20000 && cp <= 0x3FFFF);
}

/* Letters that have no decomposition and are written in two ways, and Arabic
 * ones that one country's keyboards have in the place of another's. */
static const char *
same_as(int32_t cp)
{
	switch (cp) {
	case 0xE6: /* æ */
		return "ae";
	case 0x153: /* œ */
		return "oe";
	case 0xF8: /* ø */
		return "o";
	case 0x142: /* ł */
		return "l";
	case 0x111: /* đ */
	case 0xF0: /* ð */
		return "d";
	case 0xFE: /* þ */
		return "th";
	case 0x127: /* ħ */
		return "h";
	case 0x131: /* ı */
		return "i";
	case 0x629: /* ة */
		return "ه";
	case 0x649: /* ى */
	case 0x6CC: /* ی */
		return "ي";
	case 0x6A9: /* ک */
		return "ك";
	case 0x671: /* ٱ */
		return "ا";
	default:
		return NULL;
	}
}

/* The value of a decimal digit of any script: blocks of ten that begin at
 * U+…0 or U+…6; -1: it is none. */
static int
digit_value(int32_t cp)
{
	int32_t low = cp & 0xF;

	if (utf8proc_category(cp) != UTF8PROC_CATEGORY_ND)
		return -1;
	if (low <= 9 && utf8proc_category(cp - low) == UTF8PROC_CATEGORY_ND)
		return low;
	return low >= 6 ? low - 6 : -1;
}

static void
put(struct letter *l, const char *bytes, size_t n)
{
	if (l->n + n > LETTER_BYTES)
		return;
	memcpy(l->bytes + l->n, bytes, n);
	l->n = (uint8_t)(l->n + n);
}

/* What is no letter by itself: the signs that stand within words. */
static enum letter_class
class_of(int32_t cp)
{
	switch (cp) {
	case 0x2019: /* ’ */
	case 0x2BC: /* ʼ */
		return LETTER_APOSTROPHE;
	case 0x640: /* tatweel, which lengthens */
	case 0xAA: /* ª */
	case 0xBA: /* º: "2º" is a number */
	case 0x2122: /* ™ */
	case 0x2120: /* ℠ */
		return LETTER_NOTHING;
	default:
		break;
	}
	if (cp >= 0x2B0 && cp <= 0x2FF) /* signs of transliterations */
		return LETTER_NOTHING;
	if ((cp >= 0xBC && cp <= 0xBE) || (cp >= 0x2150 && cp <= 0x215F))
		return LETTER_SPACE; /* fractions are no digits */
	switch (utf8proc_category(cp)) {
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_ME:
		return LETTER_NOTHING;
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
		return utf8proc_get_property(cp)->combining_class != 0
			   ? LETTER_NOTHING
			   : LETTER_WORD;
	default:
		return LETTER_WORD;
	}
}

/* What one character of the decomposition adds.  Marks that combine (of a
 * class) go; the vowels of Indic scripts, which are marks as well, stay. */
static void
add_point(struct letter *l, int32_t cp)
{
	utf8proc_uint8_t bytes[4];
	const char *same = same_as(cp);
	int digit;

	if (class_of(cp) != LETTER_WORD)
		return;
	switch (utf8proc_category(cp)) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
		break;
	case UTF8PROC_CATEGORY_ND:
		digit = digit_value(cp);
		if (digit >= 0) {
			put(l, &"0123456789"[digit], 1);
			return;
		}
		break;
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		break;
	default:
		return;
	}
	if (same != NULL)
		put(l, same, strlen(same));
	else
		put(l, (char *)bytes, (size_t)utf8proc_encode_char(cp, bytes));
}

/* Of letters that are what they come to. */
static enum letter_class
class_at(const char *s, size_t n)
{
	uint32_t cp = 0;

	utf8_decode(s, n, &cp);
	return match_is_unparted(cp) ? LETTER_UNPARTED : LETTER_WORD;
}

static void
ask(struct letter *l, uint32_t cp)
{
	int32_t points[POINTS];
	int boundary = 0;
	utf8proc_ssize_t n;
	const char *s = l->bytes;
	uint32_t p;

	*l = (struct letter){.cp = cp, .class = class_of((int32_t)cp)};
	if (l->class != LETTER_WORD)
		return;
	/* Syllables of Hangul would become three letters each. */
	if (cp >= 0xAC00 && cp <= 0xD7A3) {
		l->n = (uint8_t)utf8_encode(l->bytes, cp);
		return;
	}
	n = utf8proc_decompose_char((int32_t)cp, points, POINTS,
	    UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD,
	    &boundary);
	for (utf8proc_ssize_t i = 0; n <= POINTS && i < n; i++)
		add_point(l, points[i]);
	l->class = LETTER_SPACE;
	/* by what it has become: a Thai digit is one of ASCII */
	for (size_t at = 0; at < l->n;
	     at += utf8_decode(s + at, l->n - at, &p)) {
		enum letter_class class = class_at(s + at, l->n - at);

		if (l->class == LETTER_SPACE)
			l->class = class;
		else if (l->class != class)
			l->class = LETTER_MIXED;
	}
}

static const struct letter *
letter_of(uint32_t cp)
{
	struct letter *l = &kept[cp % LETTER_SLOTS];

	if (l->class == LETTER_UNKNOWN || l->cp != cp)
		ask(l, cp);
	return l;
}

void
match_fold_begin(void)
{
	/* Latin to Armenian, and general punctuation */
	for (uint32_t cp = 0x80; cp < 0x590; cp++)
		(void)letter_of(cp);
	for (uint32_t cp = 0x2010; cp < 0x2040; cp++)
		(void)letter_of(cp);
}

/* --- entities and tags ---------------------------------------------------- */

static bool
is_ascii_word(unsigned char c)
{
	return (c >= '0' && c <= '9') ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* The letter that an entity's name begins with, where it says which mark it
 * has or what it is joined with ("eacute", "szlig", "AElig"); 0: another. */
static size_t
entity_letters(const char *name, size_t n)
{
	static const char *const ends[] = {"acute", "grave", "circ", "uml",
	    "tilde", "cedil", "ring", "slash", "caron", "lig"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t k = strlen(ends[i]);

		if (n > k && n <= k + 2 &&
		    memcmp(name + n - k, ends[i], k) == 0)
			return n - k;
	}
	return 0;
}

static uint32_t
entity_number(const char *name, size_t n)
{
	unsigned base = n > 1 && (name[1] | 0x20) == 'x' ? 16 : 10;
	uint32_t cp = 0;

	for (size_t i = base == 16 ? 2 : 1; i < n; i++) {
		unsigned char c = (unsigned char)name[i] | 0x20;
		unsigned v = c <= '9' ? c & 0xFU : 10U + c - 'a';

		if (v >= base)
			return 0;
		cp = cp * base + v;
	}
	return cp;
}

/* An entity that was written twice, or with spaces in it ("& eacute ;"): how
 * many bytes it takes, 0 where there is none.  Its letters in *with (text, of
 * *len bytes), or its character in *cp. */
static size_t
entity(const char *s, size_t n, const char **with, size_t *len, uint32_t *cp)
{
	size_t at = 1, from, end;

	while (at < n && s[at] == ' ')
		at++;
	from = at;
	at += at < n && s[at] == '#';
	while (at < n && at - from < 9 && is_ascii_word((unsigned char)s[at]))
		at++;
	end = at;
	while (at < n && s[at] == ' ')
		at++;
	*len = 0;
	*cp = 0;
	if (at == n || s[at] != ';' || end == from)
		return 0;
	*with = s + from;
	if (s[from] == '#')
		*cp = entity_number(s + from, end - from);
	else
		*len = entity_letters(s + from, end - from);
	return at + 1;
}

/* "<i>", "</sub>": how many bytes, 0 where it is none. */
static size_t
tag(const char *s, size_t n)
{
	for (size_t i = 1; i < n && i <= TAG_CHARS + 1; i++)
		if (s[i] == '>')
			return i > 1 ? i + 1 : 0;
	return 0;
}

/* --- writing -------------------------------------------------------------- */

struct writer {
	char *out;
	size_t n, max;
	size_t word; /* where the last word begins */
	enum letter_class last; /* of what was written; SPACE: a border */
	bool is_full;
};

/* The last word does not fit: it goes, unless it is the only one. */
static void
fill(struct writer *w)
{
	w->is_full = true;
	if (w->word > 0)
		w->n = w->word - 1;
	w->last = LETTER_SPACE;
}

static void
write_letters(
    struct writer *w, enum letter_class class, const char *bytes, size_t n)
{
	bool is_new = w->last != class;

	if (w->n + n + (is_new && w->n > 0) > w->max) {
		if (is_new)
			w->is_full = true;
		else
			fill(w);
		return;
	}
	if (is_new) {
		if (w->n > 0)
			w->out[w->n++] = ' ';
		w->word = w->n;
		w->last = class;
	}
	memcpy(w->out + w->n, bytes, n);
	w->n += n;
}

/* "'s" behind a word, and nothing more of it. */
static bool
is_genitive(const struct writer *w, const char *s, size_t n)
{
	return w->last == LETTER_WORD && n > 0 && (*s | 0x20) == 's' &&
	       (n == 1 || (!is_ascii_word((unsigned char)s[1]) &&
			      ((unsigned char)s[1] < 0xC3 ||
				  (unsigned char)s[1] == 0xE2)));
}

static void
write_char(struct writer *w, uint32_t cp, const char *rest, size_t n)
{
	const struct letter *l = letter_of(cp);

	switch ((enum letter_class)l->class) {
	case LETTER_WORD:
	case LETTER_UNPARTED:
		write_letters(w, l->class, l->bytes, l->n);
		break;
	case LETTER_MIXED:
		for (size_t at = 0, k; at < l->n; at += k) {
			k = utf8_decode(l->bytes + at, l->n - at, &cp);
			write_letters(w, class_at(l->bytes + at, l->n - at),
			    l->bytes + at, k);
		}
		break;
	case LETTER_APOSTROPHE:
		if (!is_genitive(w, rest, n))
			w->last = LETTER_SPACE;
		break;
	case LETTER_NOTHING:
		break;
	case LETTER_SPACE:
	case LETTER_UNKNOWN:
		w->last = LETTER_SPACE;
		break;
	}
}

/* Of ASCII what is neither letter nor digit; how many bytes it takes. */
static size_t
write_sign(struct writer *w, const char *s, size_t n)
{
	const char *with = NULL;
	size_t taken = 0, len = 0;
	uint32_t cp = 0;

	if ((*s == '\'' || *s == '`') && is_genitive(w, s + 1, n - 1))
		return 1;
	if (*s == '&')
		taken = entity(s, n, &with, &len, &cp);
	if (*s == '<')
		taken = tag(s, n);
	if (cp >= 0x80) {
		write_char(w, cp, s + taken, n - taken);
	} else if (cp > ' ' && is_ascii_word((unsigned char)cp)) {
		char c = (char)(cp >= 'A' ? cp | 0x20 : cp);

		write_letters(w, LETTER_WORD, &c, 1);
	} else if (len > 0) {
		for (size_t i = 0; i < len; i++) {
			char c = (char)(with[i] | 0x20);

			write_letters(w, LETTER_WORD, &c, 1);
		}
	} else {
		w->last = LETTER_SPACE;
	}
	return taken > 0 ? taken : 1;
}

/* Letters and digits of ASCII from s on, at once: how many. */
static size_t
write_ascii(struct writer *w, const char *s, size_t n)
{
	char word[64];
	size_t k = 0;

	while (
	    k < n && k < sizeof(word) && is_ascii_word((unsigned char)s[k])) {
		word[k] = (char)(s[k] >= 'A' ? s[k] | 0x20 : s[k]);
		k++;
	}
	if (k > 0)
		write_letters(w, LETTER_WORD, word, k);
	return k;
}

size_t
match_fold(char *out, size_t max, const char *text, size_t n)
{
	struct writer w = {.out = out, .max = max, .last = LETTER_SPACE};
	const char *s = text, *end;

	end = s + (n > LIMIT_MATCH_READ ? utf8_cut(s, n, LIMIT_MATCH_READ) : n);
	while (s < end && !w.is_full) {
		size_t left = (size_t)(end - s), k;
		uint32_t cp;

		if ((unsigned char)*s >= 0x80) {
			k = utf8_decode(s, left, &cp);
			if (k == 0)
				break;
			write_char(&w, cp, s + k, left - k);
		} else if ((k = write_ascii(&w, s, left)) == 0) {
			k = write_sign(&w, s, left);
		}
		s += k;
	}
	out[w.n] = '\0';
	return w.n;
}
