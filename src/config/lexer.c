/* INI lines to sections and keys; see lexer.h for the form.  Not here: files,
 * and what the names mean. */
#include "config/lexer.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

struct line {
	const char *s; /* after the indentation */
	size_t n; /* without the line's end */
	size_t indent;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The next line without moving; false at the end. */
static bool
peek_line(const struct lexer *l, struct line *out, const char **next)
{
	const char *nl;
	size_t n;

	if (l->at == l->end)
		return false;
	nl = memchr(l->at, '\n', (size_t)(l->end - l->at));
	n = (size_t)((nl ? nl : l->end) - l->at);
	*next = nl ? nl + 1 : l->end;
	out->s = l->at;
	out->n = n;
	out->indent = 0;
	if (out->n && out->s[out->n - 1] == '\r')
		out->n--;
	while (out->n && is_blank(*out->s)) {
		out->s++;
		out->n--;
		out->indent++;
	}
	while (out->n && is_blank(out->s[out->n - 1]))
		out->n--;
	return true;
}

static bool
is_comment(const struct line *line)
{
	return line->n && (*line->s == '#' || *line->s == ';');
}

/* NULL, or what is wrong with the bytes of this line. */
static const char *
line_fault(const struct line *line)
{
	if (line->n > LIMIT_CONFIG_LINE_BYTES)
		return "the line is too long; expected at most 16 KiB";
	if (!utf8_valid(line->s, line->n))
		return "the line is not valid UTF-8; expected UTF-8 without "
		       "other encodings";
	for (size_t i = 0; i < line->n; i++)
		if (((unsigned char)line->s[i] < 0x20 && line->s[i] != '\t') ||
		    line->s[i] == 0x7f)
			return "the line has a control character; expected "
			       "text";
	return NULL;
}

static void
wrong(struct lex_item *item, const char *why)
{
	item->kind = LEX_WRONG;
	item->value = why;
}

/* [kind argument argument] */
static void
read_section(struct lexer *l, const struct line *line, struct lex_item *item)
{
	const char *close = memchr(line->s, ']', line->n);
	const char *p = line->s + 1;
	const char *rest;

	if (!close) {
		wrong(item, "the section has no closing ]; expected "
			    "[daemon], [source NAME] or the like");
		return;
	}
	rest = close + 1;
	while (rest < line->s + line->n && is_blank(*rest))
		rest++;
	if (rest < line->s + line->n && *rest != '#' && *rest != ';') {
		wrong(item, "something follows the section's ]; expected the "
			    "end of the line");
		return;
	}
	item->kind = LEX_SECTION;
	for (;;) {
		const char *start;

		while (p < close && is_blank(*p))
			p++;
		if (p == close)
			break;
		start = p;
		while (p < close && !is_blank(*p))
			p++;
		if (item->word_count == LEX_WORDS) {
			wrong(item, "the section has too many words; expected "
				    "at most [set SOURCE SPEC]");
			return;
		}
		item->words[item->word_count++] =
		    arena_strndup(l->arena, start, (size_t)(p - start));
	}
	if (item->word_count == 0)
		wrong(item, "the section has no name; expected [daemon], "
			    "[source NAME] or the like");
}

/* Bytes of a bare value before a comment that white space sets off. */
static size_t
bare_length(const char *s, size_t n)
{
	size_t len = n;

	for (size_t i = 0; i < n; i++)
		if (s[i] == '#' && (i == 0 || is_blank(s[i - 1]))) {
			len = i;
			break;
		}
	while (len && is_blank(s[len - 1]))
		len--;
	return len;
}

/* "…" with \" and \\; NULL, or what is wrong. */
static const char *
read_quoted(struct buf *out, const char *s, size_t n)
{
	size_t i = 1;

	for (; i < n && s[i] != '"'; i++) {
		if (s[i] == '\\') {
			if (i + 1 == n || (s[i + 1] != '"' && s[i + 1] != '\\'))
				return "a \\ stands alone in quotes; expected "
				       "\\\" or \\\\";
			i++;
		}
		buf_addc(out, s[i]);
	}
	if (i == n)
		return "the quotes are not closed; expected a \" at the end";
	i++;
	while (i < n && is_blank(s[i]))
		i++;
	if (i < n && s[i] != '#')
		return "something follows the closing quotes; expected the "
		       "end of the line";
	return NULL;
}

/* Appends the value's lines that are indented deeper than its key.  NULL, or
 * what is wrong. */
static const char *
read_continued(struct lexer *l, struct buf *out, size_t indent, bool quoted)
{
	struct line line;
	const char *next, *fault = NULL;

	while (peek_line(l, &line, &next) && line.n && line.indent > indent) {
		size_t n;

		l->at = next;
		l->line++;
		if (is_comment(&line) || fault)
			continue;
		fault = line_fault(&line);
		if (!fault && quoted)
			fault = "a quoted value cannot go on in the next line; "
				"expected this line not to be indented";
		if (fault)
			continue;
		n = bare_length(line.s, line.n);
		if (out->len)
			buf_addc(out, ' ');
		buf_add(out, line.s, n);
	}
	return fault;
}

static void
read_key(struct lexer *l, const struct line *line, struct lex_item *item)
{
	const char *eq = memchr(line->s, '=', line->n);
	const char *v, *fault = NULL, *fault_after;
	size_t key_len, n;
	struct buf value;

	buf_init(&value, LIMIT_CONFIG_LINE_BYTES);
	if (!eq) {
		read_continued(l, &value, line->indent, false);
		buf_release(&value);
		wrong(item, "neither a section nor a key; expected key = "
			    "value");
		return;
	}
	key_len = (size_t)(eq - line->s);
	while (key_len && is_blank(line->s[key_len - 1]))
		key_len--;
	v = eq + 1;
	n = (size_t)(line->s + line->n - v);
	while (n && is_blank(*v)) {
		v++;
		n--;
	}
	if (n && *v == '"')
		fault = read_quoted(&value, v, n);
	else
		buf_add(&value, v, bare_length(v, n));
	fault_after = read_continued(l, &value, line->indent, n && *v == '"');
	if (!fault)
		fault = fault_after;
	if (!fault && value.full)
		fault = "the value is too long; expected at most 16 KiB";
	if (!fault && key_len == 0)
		fault = "there is no key before the =; expected key = value";
	item->kind = LEX_KEY;
	item->key = arena_strndup(l->arena, line->s, key_len);
	item->value = arena_strdup(l->arena, buf_str(&value));
	if (fault)
		wrong(item, fault);
	buf_release(&value);
}

void
lexer_init(struct lexer *l, struct arena *arena, const char *data, size_t n)
{
	l->arena = arena;
	l->at = data;
	l->end = data + n;
	l->line = 1;
	if (n >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		l->at += 3;
}

void
lexer_next(struct lexer *l, struct lex_item *item)
{
	struct line line;
	const char *next, *fault;

	memset(item, 0, sizeof(*item));
	while (peek_line(l, &line, &next)) {
		item->line = l->line;
		l->at = next;
		l->line++;
		if (line.n == 0 || is_comment(&line))
			continue;
		fault = line_fault(&line);
		if (fault)
			wrong(item, fault);
		else if (*line.s == '[')
			read_section(l, &line, item);
		else
			read_key(l, &line, item);
		return;
	}
	item->line = l->line;
	item->kind = LEX_END;
}
