/* What becomes of each word of a title: numbers, places, pairs of characters,
 * or nothing. */
#include "crosswalk/match_title.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "crosswalk/match_fold.h"
#include "crosswalk/match_words.h"
#include "crosswalk/text.h"

struct title {
	char *out;
	size_t n, max;
	bool is_full;
	bool is_behind_part; /* the word before is "volume" */
};

/* mark: '#', '@' or 0 */
static void
put(struct title *t, char mark, const char *s, size_t n)
{
	size_t at = t->n, need = n + (at > 0) + (mark != 0);

	if (t->is_full || n == 0 || need > t->max - at) {
		t->is_full |= n > 0;
		return;
	}
	if (at > 0)
		t->out[at++] = ' ';
	if (mark != 0)
		t->out[at++] = mark;
	memcpy(t->out + at, s, n);
	t->n = at + n;
}

static void
put_number(struct title *t, unsigned number)
{
	char digits[3];
	size_t n = 0;

	if (number >= 10)
		digits[n++] = (char)('0' + number / 10 % 10);
	digits[n++] = (char)('0' + number % 10);
	put(t, '#', digits, n);
}

/* Digits, and in English and French what makes an ordinal of them. */
static bool
put_digits(struct title *t, const char *s, size_t n)
{
	static const char *const ends[] = {
	    "", "st", "nd", "rd", "th", "e", "er", "re", "eme", "nde"};
	size_t digits = 0, zeros = 0;

	while (digits < n && text_is_digit(s[digits]))
		digits++;
	if (digits == 0)
		return false;
	while (zeros + 1 < digits && s[zeros] == '0')
		zeros++;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (strlen(ends[i]) == n - digits &&
		    memcmp(s + digits, ends[i], n - digits) == 0) {
			put(t, '#', s + zeros, digits - zeros);
			return true;
		}
	return false;
}

/* --- places --------------------------------------------------------------- */

static void
put_place(struct title *t, const struct match_word *w, const char *s, size_t n)
{
	if (w->flags & MATCH_PLACE_WORDS) {
		for (const char *end = s + n; s < end;) {
			size_t k = 0;

			while (s + k < end && s[k] != ' ')
				k++;
			put(t, '@', s, k);
			s += k + (s + k < end);
		}
		return;
	}
	put(t, '@', w->place, strlen(w->place));
}

static const struct match_word *
find_place(const char *s, size_t n)
{
	const struct match_word *w = match_word(s, n);

	return w != NULL && (w->flags & (MATCH_PLACE | MATCH_PLACE_WORDS)) != 0
		   ? w
		   : NULL;
}

/* The longest name of a place that begins with the word at s, which is n bytes
 * long; how many bytes it takes, 0 where there is none. */
static size_t
place(struct title *t, const char *s, size_t n, unsigned most)
{
	size_t ends[UINT8_MAX], count = 0;

	for (size_t end = n;; end += strcspn(s + end, " ")) {
		ends[count++] = end;
		if (s[end] == '\0' || count == most)
			break;
		end++;
	}
	while (count-- > 0) {
		const struct match_word *w = find_place(s, ends[count]);

		if (w != NULL) {
			put_place(t, w, s, ends[count]);
			return ends[count];
		}
	}
	return 0;
}

/* --- scripts without spaces ----------------------------------------------- */

static size_t
char_bytes(const char *s, const char *end)
{
	size_t n = 1;

	while (s + n < end && ((unsigned char)s[n] & 0xC0) == 0x80)
		n++;
	return n;
}

/* The same for a name of characters: what is known of it, and its bytes. */
static const struct match_word *
find_unparted(const char *s, const char *end, size_t *taken)
{
	const struct match_word *w = match_word(s, char_bytes(s, end));
	size_t ends[UINT8_MAX], count = 0, most = w != NULL ? w->most : 0;
	const char *p = s;

	while (p < end && count < most) {
		p += char_bytes(p, end);
		ends[count++] = (size_t)(p - s);
	}
	while (count-- > 0)
		if ((w = find_place(s, ends[count])) != NULL) {
			*taken = ends[count];
			return w;
		}
	return NULL;
}

/* Chinese numerals up to 99 behind 第 ("第十二"): the number and its bytes, or
 * 0. */
static unsigned
chinese_number(const char *s, const char *end, size_t *taken)
{
	static const char *const numerals[] = {
	    "十", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
	const char *p = s;
	unsigned number = 0;

	if (end - s < 6 || memcmp(s, "第", 3) != 0)
		return 0;
	for (p += 3; end - p >= 3; p += 3) {
		unsigned i = 0;

		while (i < 10 && memcmp(p, numerals[i], 3) != 0)
			i++;
		if (i == 0 && number < 10)
			number = number > 0 ? 10 * number : 10;
		else if (i > 0 && i < 10 && number % 10 == 0)
			number += i;
		else
			break;
	}
	*taken = (size_t)(p - s);
	return number;
}

/* The pairs of a run without anything known in it; of one character itself. */
static void
put_pairs(struct title *t, const char *s, const char *end)
{
	size_t n = s < end ? char_bytes(s, end) : 0, next;
	const struct match_word *w;

	if (s + n == end) {
		w = n > 0 ? match_word(s, n) : NULL;
		if (w == NULL || (w->flags & MATCH_STOP) == 0)
			put(t, 0, s, n);
		return;
	}
	for (; s + n < end; s += n, n = next) {
		next = char_bytes(s + n, end);
		put(t, 0, s, n + next);
	}
}

static void
put_unparted(struct title *t, const char *s, size_t n)
{
	const char *end = s + n, *from = s;

	while (s < end && !t->is_full) {
		const struct match_word *w = NULL;
		size_t taken = 0;
		unsigned number = chinese_number(s, end, &taken);

		if (number == 0)
			w = find_unparted(s, end, &taken);
		if (number == 0 && w == NULL) {
			s += char_bytes(s, end);
			continue;
		}
		put_pairs(t, from, s);
		if (number > 0)
			put_number(t, number);
		else
			put_place(t, w, s, taken);
		s += taken;
		from = s;
	}
	put_pairs(t, from, end);
}

/* --- words ---------------------------------------------------------------- */

static bool
is_of_one_letter(const char *s, size_t n)
{
	return n <= 4 && !text_is_digit(*s) && char_bytes(s, s + n) == n;
}

/* The word at s, of n bytes: writes what it is, and says how many bytes of the
 * title that took. */
static size_t
take_word(struct title *t, const char *s, size_t n)
{
	const struct match_word *w;
	bool is_behind_part = t->is_behind_part;
	uint32_t cp = 0;
	size_t taken;

	t->is_behind_part = false;
	if ((unsigned char)*s >= 0xE0 && utf8_decode(s, n, &cp) > 0 &&
	    match_is_unparted(cp)) {
		put_unparted(t, s, n);
		return n;
	}
	if (put_digits(t, s, n))
		return n;
	w = match_word(s, n);
	if (w == NULL) {
		if (!is_of_one_letter(s, n))
			put(t, 0, s, n);
		return n;
	}
	t->is_behind_part = (w->flags & MATCH_PART) != 0;
	if (w->most > 0 && (taken = place(t, s, n, w->most)) > 0)
		return taken;
	if (w->flags & MATCH_NUMBER || (w->flags & MATCH_LETTER && t->n > 0 &&
					   (is_behind_part || s[n] == '\0')))
		put_number(t, w->number);
	else if ((w->flags & MATCH_STOP) == 0 && !is_of_one_letter(s, n))
		put(t, 0, s, n);
	return n;
}

static void
put_all(struct title *t, const char *folded)
{
	while (*folded != '\0') {
		size_t n = strcspn(folded, " ");

		put(t, 0, folded, n);
		folded += n + (folded[n] == ' ');
	}
}

size_t
match_title(char *out, size_t max, const char *folded)
{
	struct title t = {.out = out, .max = max};

	for (const char *s = folded; *s != '\0' && !t.is_full;) {
		s += take_word(&t, s, strcspn(s, " "));
		s += *s == ' ';
	}
	if (t.n == 0) {
		t.is_full = false;
		put_all(&t, folded);
	}
	out[t.n] = '\0';
	return t.n;
}
