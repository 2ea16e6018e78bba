/* A date's text before it is read: other scripts' digits and marks to ASCII,
 * comments away. */
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "crosswalk/feed_date.h"

/* Digits, marks and words of other scripts that stand for what is written
 * otherwise in ASCII: 2024年5月1日, 2004년 05월 28일, ٥ مايو, 下午. */
static const struct {
	const char *from, *to;
} folds[] = {
    {"年", "-"},
    {"年度", "-"},
    {"년", "-"},
    {"月", "-"},
    {"월", "-"},
    {"日", " "},
    {"号", " "},
    {"號", " "},
    {"일", " "},
    {"上午", " am "},
    {"午前", " am "},
    {"오전", " am "},
    {"下午", " pm "},
    {"午後", " pm "},
    {"오후", " pm "},
    {"时", ":"},
    {"時", ":"},
    {"點", ":"},
    {"点", ":"},
    {"시", ":"},
    {"分", ":"},
    {"분", ":"},
    {"秒", " "},
    {"초", " "},
    {"\u00a0", " "},
    {"\u202f", " "},
    {"\u3000", " "},
    {"\u200e", ""},
    {"\u200f", ""},
    {"\u200b", ""},
    {"\u2010", "-"},
    {"\u2011", "-"},
    {"\u2012", "-"},
    {"\u2013", "-"},
    {"\u2212", "-"},
    {"،", " "},
    {"，", " "},
    {"、", " "},
    {"：", ":"},
    {"／", "/"},
    {"º", " "},
    {"ª", " "},
};

/* Arabic-Indic, Persian, Devanagari and full-width digits. */
static int
digit_of(uint32_t cp)
{
	static const uint32_t zeros[] = {0x660, 0x6f0, 0x966, 0xff10};

	for (size_t i = 0; i < sizeof(zeros) / sizeof(*zeros); i++)
		if (cp >= zeros[i] && cp <= zeros[i] + 9)
			return (int)(cp - zeros[i]);
	return -1;
}

/* One sign at p, beyond ASCII: its length. */
static size_t
fold_sign(struct buf *out, const char *p, size_t n)
{
	uint32_t cp = 0;
	unsigned k = utf8_decode(p, n, &cp);

	for (size_t i = 0; i < sizeof(folds) / sizeof(*folds); i++) {
		size_t len = strlen(folds[i].from);

		if (strncmp(p, folds[i].from, len) != 0)
			continue;
		buf_adds(out, folds[i].to);
		/* 5月 1日: what follows belongs to it */
		while (strpbrk(folds[i].to, "-:") != NULL && p[len] == ' ')
			len++;
		return len;
	}
	if (digit_of(cp) >= 0)
		buf_addc(out, (char)('0' + digit_of(cp)));
	else
		buf_add(out, p, k > 0 ? k : 1);
	return k > 0 ? k : 1;
}

/* 12時30分 and 2004年5月 leave a mark behind. */
bool
feed_date_fold(char plain[FEED_DATE_BYTES], const char *text)
{
	size_t n = strlen(text), k;
	struct buf b;
	bool ok;

	for (k = 0; k < n && (unsigned char)text[k] < 0x80; k++)
		;
	if (k == n) {
		memcpy(plain, text, n + 1);
		return true;
	}
	buf_init(&b, FEED_DATE_BYTES - 1);
	while (n > 0) {
		k = 1;
		if ((unsigned char)*text < 0x80)
			buf_addc(&b, *text);
		else
			k = fold_sign(&b, text, n);
		text += k;
		n -= k;
	}
	while (b.len > 0 && strchr("-: ", b.data[b.len - 1]) != NULL)
		b.len--;
	ok = !b.full && b.len > 0;
	if (ok) {
		memcpy(plain, b.data, b.len);
		plain[b.len] = '\0';
	}
	buf_release(&b);
	return ok;
}

bool
feed_date_uncomment(char out[FEED_DATE_BYTES], const char *text)
{
	unsigned depth = 0;
	bool any = false;

	for (const char *p = text; *p != '\0'; p++) {
		if (depth > 0 && *p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '(') {
			depth++;
			any = true;
		} else if (*p == ')' && depth > 0)
			depth--;
		else if (depth == 0)
			*out++ = *p;
	}
	*out = '\0';
	return any && depth == 0;
}
