/* The control protocol's lines.  Not here: sockets. */
#include <stdint.h>
#include <string.h>

#include "base/url.h"
#include "control/proto.h"

int
control_line_encode(struct buf *out, size_t count, const char *const *words)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_addc(out, ' ');
		if (words[i][0] == '\0')
			buf_addc(out, '%');
		else
			url_encode(out, words[i], strlen(words[i]));
	}
	return buf_addc(out, '\n');
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Decodes one word in place, as what is decoded is never longer. */
static int
word_decode(char *word)
{
	char *to = word;

	if (strcmp(word, "%") == 0) {
		word[0] = '\0';
		return 0;
	}
	for (const char *from = word; *from != '\0'; from++) {
		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		int high = hex_digit(from[1]);
		int low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0 || (high == 0 && low == 0))
			return -1;
		*to++ = (char)(high << 4 | low);
		from += 2;
	}
	*to = '\0';
	return 0;
}

int
control_line_decode(char *line, char **words, size_t max)
{
	size_t count = 0;
	char *at = line;

	for (;;) {
		char *end = strchr(at, ' ');
		if (end != NULL)
			*end = '\0';
		if (at[0] == '\0' || count == max)
			return -1;
		words[count++] = at;
		if (word_decode(at) != 0)
			return -1;
		if (end == NULL)
			return (int)count;
		at = end + 1;
	}
}
