/* The functions of expressions: each changes a list of values. */
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "base/str.h"
#include "base/url.h"
#include "base/utf8.h"
#include "crosswalk/identifiers.h"
#include "crosswalk/pattern.h"
#include "crosswalk/people.h"
#include "crosswalk/run.h"
#include "crosswalk/text.h"
#include "crosswalk/vcard.h"
#include "crosswalk/vocab.h"

char *
run_text(struct crosswalk *x, size_t n)
{
	x->run->text_bytes += n;
	if (x->run->text_bytes > LIMIT_CROSSWALK_TEXT) {
		run_full(x, "text");
		return NULL;
	}
	return arena_alloc(x->a, n + 1);
}

const char *
run_line(struct crosswalk *x, const char *text, size_t n)
{
	/* a copy, and what an allocation takes beside it */
	x->run->text_bytes += n + sizeof(struct value);
	if (x->run->text_bytes > LIMIT_CROSSWALK_TEXT) {
		run_full(x, "text");
		return "";
	}
	return text_line(x->a, text, n);
}

static const char *
copy(struct crosswalk *x, const char *text, size_t n)
{
	char *out = run_text(x, n);

	if (out == NULL)
		return "";
	memcpy(out, text, n);
	out[n] = '\0';
	return out;
}

/* --- of each value: NULL drops it ----------------------------------------- */

static char
small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static const char *
lower(struct crosswalk *x, const char *text, size_t n)
{
	/* A character's small letter has at most half as many bytes more. */
	char *out = run_text(x, n + n / 2 + 4), *o = out;

	if (out == NULL)
		return NULL;
	while (n > 0) {
		unsigned used;
		uint32_t cp;

		if ((unsigned char)*text < 0x80) {
			*o++ = small(*text++);
			n--;
			continue;
		}
		used = utf8_decode(text, n, &cp);
		if (used == 0)
			break;
		text += used;
		n -= used;
		o += utf8_encode(
		    o, (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp));
	}
	*o = '\0';
	return out;
}

static bool
is_among(const char *p, size_t n, const char *set)
{
	for (size_t k; (k = text_char_bytes(set)) > 0; set += k)
		if (k == n && memcmp(set, p, n) == 0)
			return true;
	return false;
}

static const char *
trim(struct crosswalk *x, const struct xwalk_function *fn, const char *text,
    size_t n)
{
	const char *set = fn->count > 0 ? fn->words[0] : " \t\r\n\xc2\xa0";
	const char *end = text + n;
	size_t k;

	while ((k = text_char_bytes(text)) > 0 && is_among(text, k, set))
		text += k;
	while (end > text) {
		const char *p = end - 1;

		while (p > text && ((unsigned char)*p & 0xc0) == 0x80)
			p--;
		if (!is_among(p, (size_t)(end - p), set))
			break;
		end = p;
	}
	return copy(x, text, (size_t)(end - text));
}

static const char *
slice(struct crosswalk *x, const struct xwalk_function *fn, const char *text)
{
	const char *end;

	for (size_t i = 0; i < fn->from && *text != '\0'; i++)
		text += text_char_bytes(text);
	end = text;
	for (size_t i = 0; i < fn->length && *end != '\0'; i++)
		end += text_char_bytes(end);
	return copy(x, text, (size_t)(end - text));
}

/* A full stop at the end that is a word's own: of an initial, or of a short
 * word that is not all capitals ("ed.", "Co.", not "UN."). */
static bool
is_abbreviation(const char *text, size_t n)
{
	size_t letters = 0, capitals = 0;

	while (letters + 1 < n && text_is_letter(text[n - 2 - letters])) {
		char c = text[n - 2 - letters];

		capitals += c >= 'A' && c <= 'Z';
		letters++;
	}
	return letters > 0 && letters < 4 &&
	       (letters == 1 || capitals < letters);
}

/* How much is left without the punctuation that catalogues end a part with
 * because another one follows on the card (ISBD, A.3), and without the full
 * stop at a field's end. */
static size_t
isbd_length(const char *text, size_t n)
{
	while (n > 0 && strchr(" /:;=,\t\r\n", text[n - 1]) != NULL)
		n--;
	if (n > 1 && text[n - 1] == '.' && text[n - 2] != '.' &&
	    !is_abbreviation(text, n))
		n--;
	return n;
}

static const char *
isbd(struct crosswalk *x, const char *text, size_t n)
{
	return copy(x, text, isbd_length(text, n));
}

static const char *
html(struct crosswalk *x, const char *text, size_t n)
{
	if (x->config.html_text == NULL)
		return text;
	buf_clear(&x->html);
	if (x->config.html_text(&x->html, text, n) < 0)
		return text;
	return copy(x, buf_str(&x->html), x->html.len);
}

static const char *
date(struct crosswalk *x, const char *text)
{
	struct when w;

	return when_read(&w, text) ? arena_strdup(x->a, w.value) : NULL;
}

static const char *
identifier(struct crosswalk *x, const char *scheme, const char *text)
{
	struct found_id f;

	return identifier_as(&f, x->a, scheme, text) ? f.value : NULL;
}

static const char *
url(struct crosswalk *x, const char *text)
{
	const char *link = absolute(x, text);

	if (link != NULL)
		return link;
	return url_is_http(text) && strpbrk(text, " \t\"<>") == NULL ? text
								     : NULL;
}

static const char *
map(struct crosswalk *x, const struct xwalk_function *fn, const char *text)
{
	if (fn->vocabulary == XWALK_AGENT_KIND)
		return agent_kind(text);
	if (fn->vocabulary == XWALK_PAIRS) {
		for (size_t i = 0; i + 1 < fn->count; i += 2)
			if (strcasecmp(fn->words[i], text) == 0)
				return fn->words[i + 1];
		return NULL;
	}
	return vocab_map(x->a, (enum rules_vocab)fn->vocabulary,
	    fn->count > 1 ? fn->words[1] : NULL, text);
}

/* Most texts fit no pattern, and most of these begin otherwise. */
static bool
fits_any(
    struct crosswalk *x, const struct xwalk_function *fn, const struct value *v)
{
	const char *text;
	size_t i = 0;

	while (i < fn->count && pattern_begins_otherwise(fn->words[i], v->text))
		i++;
	if (i == fn->count)
		return false;
	text = run_line(x, v->text, v->len);
	text = lower(x, text, strlen(text));
	for (; text != NULL && i < fn->count; i++) {
		const char *glob = lower(x, fn->words[i], strlen(fn->words[i]));

		if (glob != NULL && pattern_fits(glob, text))
			return true;
	}
	return false;
}

/* What becomes of one value; NULL: it is dropped. */
static const char *
change(
    struct crosswalk *x, const struct xwalk_function *fn, const struct value *v)
{
	const char *line;
	struct agent_text agent;

	switch (fn->op) {
	case XWALK_TRIM:
		return trim(x, fn, v->text, v->len);
	case XWALK_STRIP:
		return str_starts(v->text, fn->words[0])
			   ? v->text + strlen(fn->words[0])
			   : v->text;
	case XWALK_SLICE:
		return slice(x, fn, v->text);
	case XWALK_LOWER:
		return lower(x, v->text, v->len);
	case XWALK_HTML:
		return html(x, v->text, v->len);
	case XWALK_ISBD:
		return isbd(x, v->text, v->len);
	case XWALK_WHEN:
		return fits_any(x, fn, v) ? v->text : NULL;
	case XWALK_UNLESS:
		return fits_any(x, fn, v) ? NULL : v->text;
	case XWALK_VCARD:
		return fn->count > 0
			   ? vcard_property(x->a, v->text, v->len, fn->words[0])
			   : vcard_name(x->a, v->text, v->len);
	default:
		break;
	}
	line = run_line(x, v->text, v->len);
	switch (fn->op) {
	case XWALK_MAP:
		return map(x, fn, line);
	case XWALK_NAMED:
		return named(x, line);
	case XWALK_PERSON:
		return agent_read(&agent, x->a, line) ? agent.name : NULL;
	case XWALK_DATE:
		return date(x, line);
	case XWALK_LANG:
		return vocab_language(x->a, line);
	case XWALK_ID:
		return identifier(x, fn->words[0], line);
	default:
		return url(x, line);
	}
}

static void
change_all(
    struct crosswalk *x, const struct xwalk_function *fn, struct values *v)
{
	size_t kept = 0;

	for (size_t i = 0; i < v->count; i++) {
		struct value one = v->items[i];

		one.text = change(x, fn, &v->items[i]);
		if (one.text == NULL)
			continue;
		one.len = strlen(one.text);
		if (one.text[strspn(one.text, " \t\r\n")] != '\0')
			v->items[kept++] = one;
	}
	v->count = kept;
}

/* --- of all of them ------------------------------------------------------- */

static void
join(struct crosswalk *x, const char *between, struct values *v)
{
	size_t len = 0, n = strlen(between);
	char *out, *o;

	if (v->count < 2)
		return;
	for (size_t i = 0; i < v->count; i++)
		len += v->items[i].len + n;
	out = o = run_text(x, len);
	if (out == NULL) {
		v->count = 1;
		return;
	}
	for (size_t i = 0; i < v->count; i++) {
		if (i > 0)
			o = mempcpy(o, between, n);
		o = mempcpy(o, v->items[i].text, v->items[i].len);
	}
	len = utf8_cut(out, (size_t)(o - out), LIMIT_VALUE_BYTES);
	out[len] = '\0';
	v->items[0].text = out;
	v->items[0].len = len;
	v->count = 1;
}

/* As on a card: what ends without punctuation gets a colon. */
static void
card(struct crosswalk *x, struct values *v)
{
	struct buf *b = &x->html;
	size_t n;

	if (v->count == 0)
		return;
	buf_clear(b);
	for (size_t i = 0; i < v->count; i++) {
		const char *part =
		    text_line(x->a, v->items[i].text, v->items[i].len);
		bool is_open =
		    b->len > 0 && strchr("/:;=,.", b->data[b->len - 1]) == NULL;

		buf_printf(b, "%s%s",
		    b->len == 0 ? ""
		    : is_open	? " : "
				: " ",
		    part);
	}
	n = isbd_length(b->data, utf8_cut(b->data, b->len, LIMIT_VALUE_BYTES));
	v->items[0].text = copy(x, b->data, n);
	v->items[0].len = strlen(v->items[0].text);
	v->count = 1;
}

static void
split(struct crosswalk *x, const char *at, struct values *v)
{
	struct values out = {0};
	size_t n = strlen(at);

	for (size_t i = 0; i < v->count; i++) {
		const char *p = v->items[i].text, *end;

		do {
			const char *part;

			end = strstr(p, at);
			part = run_line(
			    x, p, end != NULL ? (size_t)(end - p) : strlen(p));
			if (*part != '\0' &&
			    (!run_add(x, &out, part, strlen(part),
				 v->items[i].lang) ||
				(end != NULL && !may_part(x))))
				break;
			p = end != NULL ? end + n : p;
		} while (end != NULL);
	}
	*v = out;
}

void
run_function(
    struct crosswalk *x, const struct xwalk_function *fn, struct values *v)
{
	switch (fn->op) {
	case XWALK_FIRST:
		v->count = v->count > 0;
		break;
	case XWALK_LAST:
		if (v->count > 1)
			v->items[0] = v->items[v->count - 1];
		v->count = v->count > 0;
		break;
	case XWALK_EACH: /* evaluate.c */
		break;
	case XWALK_JOIN:
		join(x, fn->words[0], v);
		break;
	case XWALK_CARD:
		card(x, v);
		break;
	case XWALK_SPLIT:
		split(x, fn->words[0], v);
		break;
	case XWALK_DEFAULT:
		if (v->count == 0)
			run_add(x, v, fn->words[0], strlen(fn->words[0]), NULL);
		break;
	default:
		change_all(x, fn, v);
	}
}
