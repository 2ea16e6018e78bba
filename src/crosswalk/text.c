/* NFC by utf8proc, asked only where a quick look cannot tell that the text is
 * in it already; most text is. */
#include "crosswalk/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "crosswalk/repair.h"

enum { CLASS_KEEP, CLASS_SPACE, CLASS_DROP };

/* Characters of which every sequence is in NFC (Unicode's NFC_Quick_Check and
 * a combining class of 0), by ranges: most of what is written. */
static bool
is_surely_nfc(uint32_t c)
{
	static const struct {
		uint16_t first, last;
	} ranges[] = {
	    {0x0000, 0x02ff}, /* Latin */
	    {0x0388, 0x0482}, /* Greek, Cyrillic */
	    {0x048a, 0x0559},
	    {0x05d0, 0x05ea}, /* Hebrew letters */
	    {0x0620, 0x064a}, /* Arabic letters */
	    {0x0660, 0x066f},
	    {0x2010, 0x2027}, /* punctuation */
	    {0x2030, 0x205e},
	    {0x20a0, 0x20bf},
	    {0x3001, 0x3029}, /* CJK punctuation */
	    {0x3041, 0x3096}, /* kana */
	    {0x30a1, 0x30fa},
	    {0x4e00, 0x9fa5}, /* CJK */
	    {0xac00, 0xd7a3}, /* Hangul syllables */
	    {0xff01, 0xff5e},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (c <= ranges[i].last)
			return c >= ranges[i].first;
	return false;
}

static int
class_of(uint32_t c)
{
	if (c < 0x80)
		return c <= 0x20   ? CLASS_SPACE
		       : c == 0x7f ? CLASS_DROP
				   : CLASS_KEEP;
	/* controls; soft hyphen, zero-width space, word joiner, mark of byte
	 * order and their like; not U+200C-200F, which scripts need */
	if (c < 0xa0 || c == 0xad || c == 0x180e || c == 0x200b ||
	    (c >= 0x2060 && c <= 0x2064) || c == 0xfeff ||
	    (c >= 0xfff9 && c <= 0xfffb))
		return CLASS_DROP;
	if (c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
	    c == 0x2029 || c == 0x202f || c == 0x3000)
		return CLASS_SPACE;
	return CLASS_KEEP;
}

struct fold {
	char *out;
	size_t len;
	bool is_space; /* pending */
	unsigned lines; /* line feeds in the pending white space */
	bool has_paragraphs;
};

static void
end_space(struct fold *f)
{
	if (f->is_space && f->len > 0)
		f->out[f->len++] =
		    f->has_paragraphs && f->lines > 1 ? '\n' : ' ';
	f->is_space = false;
	f->lines = 0;
}

static void
fold_space(struct fold *f, uint32_t c)
{
	f->is_space = true;
	f->lines += c == '\n' || c == 0x2028;
	f->lines += c == 0x2029 ? 2 : 0;
}

/* Bytes that need no look in valid UTF-8: printable ASCII, continuation bytes
 * and the lead bytes of which every sequence is kept and surely in NFC (what
 * is_surely_nfc() says of U+00C0-02FF, U+03C0-047F, U+04C0-04FF,
 * U+4000-9FFF). */
static const bool is_easy[256] = {
    [0x21 ... 0x7e] = true,
    [0x80 ... 0xbf] = true,
    [0xc3 ... 0xcb] = true,
    [0xcf ... 0xd1] = true,
    [0xd3] = true,
    [0xe4 ... 0xe9] = true,
};

typedef unsigned char bytes16 __attribute__((vector_size(16)));

/* Whether of s[0..16) all bytes are easy, or a space before one that is not:
 * is_easy for sixteen at a time. */
static bool
is_easy_block(const unsigned char *s)
{
	bytes16 c, next, easy;
	uint64_t half[2];

	memcpy(&c, s, sizeof(c));
	memcpy(&next, s + 1, sizeof(next));
	easy = (bytes16)((c - 0x21 < 0x5e) | (c - 0x80 < 0x40) |
			 (c - 0xc3 < 9) | (c - 0xcf < 3) | (c == 0xd3) |
			 (c - 0xe4 < 6) | ((c == ' ') & (next > ' ')));
	memcpy(half, &easy, sizeof(half));
	return (half[0] & half[1]) == UINT64_MAX;
}

static size_t
easy_run(const unsigned char *s, size_t n)
{
	size_t i = 0;

	if (n > 0 && !is_easy[s[0]])
		return 0;
	/* Not the last bytes: what comes after a space decides for it. */
	while (n - i > 17 && is_easy_block(s + i))
		i += 16;
	while (i > 0 && s[i - 1] == ' ')
		i--;
	for (;;) {
		while (i < n && is_easy[s[i]])
			i++;
		/* A single space between easy bytes is as it should be. */
		if (i == 0 || i + 1 >= n || s[i] != ' ' || !is_easy[s[i + 1]])
			break;
		i += 2;
	}
	return i;
}

/* Printable ASCII without a backslash, words with one space between them: what
 * neither a repair nor folding changes.  Sixteen bytes at a time, but for the
 * last ones, as a space is looked at with what follows it. */
static bool
is_plain(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t i = 0;

	if (n == 0 || s[0] == ' ' || s[n - 1] == ' ')
		return false;
	for (; n - i > 16; i += 16) {
		bytes16 c, next, plain;
		uint64_t half[2];

		memcpy(&c, s + i, sizeof(c));
		memcpy(&next, s + i + 1, sizeof(next));
		plain = (bytes16)((c - 0x20 < 0x5f) & (c != '\\') &
				  ((c != ' ') | (next != ' ')));
		memcpy(half, &plain, sizeof(half));
		if ((half[0] & half[1]) != UINT64_MAX)
			return false;
	}
	for (; i < n; i++)
		if (s[i] < 0x20 || s[i] > 0x7e || s[i] == '\\' ||
		    (s[i] == ' ' && s[i + 1] == ' '))
			return false;
	return true;
}

/* s is valid UTF-8; out has room for n + 1 bytes.  Returns whether the result
 * is surely in NFC. */
static bool
fold(struct fold *f, const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;
	bool is_nfc = true;
	unsigned used;
	uint32_t c;

	for (size_t i = 0; i < n; i += used) {
		size_t run = easy_run(u + i, n - i);

		if (run > 0) {
			end_space(f);
			memcpy(f->out + f->len, s + i, run);
			f->len += run;
			i += run;
			if (i == n)
				break;
		}
		used = 1;
		c = u[i];
		if (c >= 0x80 && (used = utf8_decode(s + i, n - i, &c)) == 0) {
			used = 1;
			continue;
		}
		switch (class_of(c)) {
		case CLASS_SPACE:
			fold_space(f, c);
			break;
		case CLASS_KEEP:
			end_space(f);
			is_nfc = is_nfc && is_surely_nfc(c);
			memcpy(f->out + f->len, s + i, used);
			f->len += used;
			break;
		}
	}
	f->out[f->len] = '\0';
	return is_nfc;
}

/* Marks on one letter are put in order in quadratic time: those beyond
 * LIMIT_MARKS go. */
static void
cut_heaps(struct fold *f)
{
	char *out = f->out;
	size_t marks = 0;
	unsigned used;

	for (size_t i = 0; i < f->len; i += used) {
		uint32_t c;

		used = utf8_decode(f->out + i, f->len - i, &c);
		if (used == 0)
			break;
		marks = c >= 0x300 && utf8proc_get_property((utf8proc_int32_t)c)
					      ->combining_class != 0
			    ? marks + 1
			    : 0;
		if (marks > LIMIT_MARKS)
			continue;
		memmove(out, f->out + i, used);
		out += used;
	}
	*out = '\0';
	f->len = (size_t)(out - f->out);
}

static bool was_double;

bool
text_was_double(void)
{
	bool was = was_double;

	was_double = false;
	return was;
}

static char *
normal(struct arena *a, const char *s, size_t n, bool has_paragraphs)
{
	struct fold f = {.has_paragraphs = has_paragraphs};
	utf8proc_uint8_t *nfc = NULL;
	utf8proc_ssize_t len;

	if (is_plain(s, n)) {
		f.out = arena_strndup(a, s, n);
		return f.out != NULL ? f.out : arena_strdup(a, "");
	}
	s = repair_latex(a, repair_encoding(a, s, &n, &was_double), &n);
	f.out = arena_alloc(a, n + 1);
	if (f.out == NULL)
		return arena_strdup(a, "");
	if (fold(&f, s, n))
		return f.out;
	cut_heaps(&f);
	len = utf8proc_map((const utf8proc_uint8_t *)f.out,
	    (utf8proc_ssize_t)f.len, &nfc, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (len < 0)
		return f.out;
	f.out = arena_strndup(a, (const char *)nfc, (size_t)len);
	free(nfc);
	return f.out;
}

char *
text_line(struct arena *a, const char *s, size_t n)
{
	return normal(a, s, n, false);
}

char *
text_paragraphs(struct arena *a, const char *s, size_t n)
{
	return normal(a, s, n, true);
}

bool
text_is_placeholder(const char *s)
{
	static const char *const words[] = {"todo", "n/a", "na", "n.a.", "none",
	    "null", "nil", "-", "--", "---", ".", "?", "unknown", "undefined",
	    "tbd", "not available", "not applicable", "no", "s/n", "s.n.",
	    "s.l.", "[s.n.]", "[s.l.]", "sin datos", "inconnu"};

	if (*s == '\0')
		return true;
	if (strchr("tnu-.?si[", *s | ('A' <= *s && *s <= 'Z' ? 32 : 0)) ==
		NULL ||
	    strnlen(s, 16) == 16)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasecmp(s, words[i]) == 0)
			return true;
	return false;
}
