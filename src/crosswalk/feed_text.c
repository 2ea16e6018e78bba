/* Text constructs (RFC 4287, 3.1; Atom 0.3's modes; RSS's guesses) and
 * persons. */
#include <nettle/base64.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "crosswalk/feed_item.h"
#include "crosswalk/text.h"
#include "crosswalk/vocab.h"

/* Atom 0.3's mode="base64": the text, or NULL. */
static const char *
unbase64(struct crosswalk *x, const struct feed_node *n, size_t *len)
{
	struct base64_decode_ctx ctx;
	uint8_t *out = arena_alloc(x->a, BASE64_DECODE_LENGTH(n->len) + 1);

	base64_decode_init(&ctx);
	if (!base64_decode_update(&ctx, len, out, n->len, n->text) ||
	    !base64_decode_final(&ctx) || !utf8_valid((char *)out, *len) ||
	    memchr(out, '\0', *len) != NULL)
		return NULL;
	out[*len] = '\0';
	return (const char *)out;
}

/* Whether the text is to be read as HTML. */
static bool
is_html(const struct crosswalk *x, const struct feed_node *n)
{
	const char *type = feed_attr(n, "type");
	const char *mode = feed_attr(n, "mode");

	if (n->has_markup)
		return true;
	if (!x->feed.is_atom || *n->ns != '\0')
		return true; /* where it looks like it: html_text tells */
	if (mode != NULL)
		return strcasecmp(mode, "escaped") == 0 ||
		       strcasecmp(mode, "base64") == 0;
	return type != NULL && strcasecmp(type, "text") != 0 &&
	       strcasecmp(type, "text/plain") != 0;
}

/* A reference that was escaped once more than HTML needs: &amp;nbsp;. */
static bool
is_escaped_twice(const char *p, size_t n)
{
	const char *end = p + n;

	if (memmem(p, n, "&lt;/", 5) != NULL)
		return true;
	while ((p = memmem(p, (size_t)(end - p), "&amp;", 5)) != NULL) {
		size_t k;

		p += 5;
		k = strspn(p, "#abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
		if (k > 1 && k < 10 && p[k] == ';')
			return true;
	}
	return false;
}

static const char *
unhtml(struct crosswalk *x, const struct feed_node *n, const char *text,
    size_t *len)
{
	size_t once_len;
	const char *once;

	if (x->config.html_text == NULL || !is_html(x, n) ||
	    (memchr(text, '<', *len) == NULL &&
		memchr(text, '&', *len) == NULL))
		return text;
	buf_clear(&x->html);
	if (x->config.html_text(&x->html, text, *len) < 0)
		return text;
	if (!n->has_markup && is_escaped_twice(text, *len)) {
		once_len = x->html.len;
		once = arena_strndup(x->a, buf_str(&x->html), once_len);
		buf_clear(&x->html);
		if (x->config.html_text(&x->html, once, once_len) < 0) {
			*len = once_len;
			return once;
		}
	}
	*len = x->html.len;
	return buf_str(&x->html);
}

static const char *
plain(struct crosswalk *x, const struct feed_node *n, size_t *len)
{
	const char *mode = feed_attr(n, "mode"), *type = feed_attr(n, "type");
	const char *text = n->text;

	*len = n->len;
	if (n->is_cut)
		record_warn(
		    x->r, x->a, "value-cut", "%s: a value was cut", n->local);
	/* RFC 4287, 4.1.3.3: what is no text and no XML is Base64. */
	if (!n->has_markup && *n->ns == '\0' && x->feed.is_atom &&
	    (mode != NULL ? strcasecmp(mode, "base64") == 0
			  : type != NULL && strchr(type, '/') != NULL &&
				strncasecmp(type, "text/", 5) != 0 &&
				strcasestr(type, "xml") == NULL)) {
		const char *decoded = unbase64(x, n, len);

		if (decoded != NULL)
			text = decoded;
		else
			*len = n->len;
	}
	return unhtml(x, n, text, len);
}

const char *
feed_line(struct crosswalk *x, const struct feed_node *n)
{
	size_t len;
	const char *s = plain(x, n, &len);

	s = text_line(x->a, s, len);
	return *s != '\0' ? s : NULL;
}

const char *
feed_paragraphs(struct crosswalk *x, const struct feed_node *n)
{
	size_t len;
	const char *s = plain(x, n, &len);

	s = text_paragraphs(x->a, s, len);
	return *s != '\0' ? s : NULL;
}

const char *
feed_lang(struct crosswalk *x, const struct feed_node *n)
{
	const char *lang = n->lang != NULL && *n->lang != '\0'
			       ? vocab_language(x->a, n->lang)
			       : NULL;

	return lang;
}

/* "mail (Name)", "Name (mail)", "Name <mail>" → the name. */
static const char *
name_of(struct crosswalk *x, const char *s)
{
	const char *open = strpbrk(s, "(<"), *close;
	const char *inside, *outside;

	if (open == NULL || strchr(s, '@') == NULL)
		return s;
	close = strchr(open, *open == '(' ? ')' : '>');
	if (close == NULL)
		return s;
	inside = text_line(x->a, open + 1, (size_t)(close - open - 1));
	outside = text_line(x->a, s, (size_t)(open - s));
	if (strchr(inside, '@') == NULL)
		return *inside != '\0' ? inside : outside;
	return *outside != '\0' ? outside : inside;
}

const char *
feed_person(struct crosswalk *x, const struct feed_node *n)
{
	static const char *const parts[] = {"name", "email", "uri", "url"};
	const char *s;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		const struct feed_node *c;

		for (c = n->child; c != NULL; c = c->next)
			if (strcmp(c->name, parts[i]) == 0 &&
			    (s = feed_line(x, c)) != NULL)
				return name_of(x, s);
	}
	if ((s = feed_line(x, n)) == NULL)
		return NULL;
	if (strncasecmp(s, "mailto:", 7) == 0)
		s += 7;
	s = name_of(x, s);
	return text_is_placeholder(s) ? NULL : s;
}
