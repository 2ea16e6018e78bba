/* Classes of bodies.  Order: a static repository is told by its first element;
 * an OAI-PMH root wins over everything that may
 * stand before it, then challenges, HTML, other XML, the rest. */
#include "parse/sniff.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/utf8.h"
#include "parse/chars.h"
#include "parse/html.h"
#include "parse/tag.h"

static const char *
find(const char *p, size_t n, const char *what)
{
	size_t k = strlen(what);

	for (size_t i = 0; i + k <= n; i++)
		if ((p[i] | 0x20) == (what[0] | 0x20) &&
		    strncasecmp(p + i, what, k) == 0)
			return p + i;
	return NULL;
}

/* <OAI-PMH …> or <oai:OAI-PMH …>. */
static const char *
find_root(const char *p, size_t n)
{
	const char *end = p + n;

	for (const char *q = p;
	     (q = memmem(q, (size_t)(end - q), "OAI-PMH", 7)); q += 7) {
		const char *lt = q;

		if (q + 7 >= end || (!xml_is_space(q[7]) && q[7] != '>'))
			continue;
		if (q > p && q[-1] == '<')
			return q - 1;
		if (q == p || q[-1] != ':')
			continue;
		for (lt = q - 1; lt > p && q - lt < 64 && !xml_is_space(*lt) &&
				 *lt != '<' && *lt != '>';
		     lt--)
			;
		if (*lt == '<')
			return lt;
	}
	return NULL;
}

/* The first element's start tag behind a prolog, or NULL. */
static const char *
first_element(const char *p, size_t n, struct tag *t, bool *only_prolog)
{
	const char *start = p, *end = p + n;

	*only_prolog = true;
	while (p < end) {
		if (xml_is_space(*p)) {
			p++;
			continue;
		}
		if (*p != '<') {
			*only_prolog = false;
			p = memchr(p, '<', (size_t)(end - p));
			if (p == NULL)
				return NULL;
		}
		tag_read(t, p, (size_t)(end - p), 0);
		switch (t->kind) {
		case TAG_START:
		case TAG_EMPTY:
			return p;
		case TAG_MORE:
			return NULL;
		case TAG_PI:
			/* The declaration stands at the very beginning, and
			 * once (XML 1.0, 2.8). */
			if (p != start && t->len > 6 &&
			    memcmp(p, "<?xml", 5) == 0 && xml_is_space(p[5]))
				*only_prolog = false;
			break;
		case TAG_COMMENT:
		case TAG_DOCTYPE:
			break;
		default:
			*only_prolog = false;
		}
		p += t->len;
	}
	return NULL;
}

static void
set_title(struct sniff *s, const char *p, size_t n)
{
	struct buf b, plain;

	buf_init(&plain, 4 * SNIFF_TITLE_BYTES);
	buf_init(&b, 4 * SNIFF_TITLE_BYTES);
	if (n > 2 * SNIFF_TITLE_BYTES)
		n = utf8_cut(p, n, 2 * SNIFF_TITLE_BYTES);
	html_text(&plain, p, n);
	for (size_t i = 0; i < plain.len; i++)
		if (!xml_is_space(plain.data[i]))
			buf_addc(&b, plain.data[i]);
		else if (b.len > 0 && b.data[b.len - 1] != ' ')
			buf_addc(&b, ' ');
	str_copy(s->title, sizeof(s->title), buf_str(&b));
	str_copy(s->title, sizeof(s->title), str_trim(s->title));
	buf_release(&b);
	buf_release(&plain);
}

static bool
is_challenge(struct sniff *s, const char *p, size_t n)
{
	static const struct {
		const char *sign, *name;
	} signs[] = {
	    {"AwsWafIntegration", "AWS WAF challenge"},
	    {"awswaf.com", "AWS WAF challenge"},
	    {"cf-chl", "Cloudflare challenge"},
	    {"cf_chl", "Cloudflare challenge"},
	    {"challenge-platform", "Cloudflare challenge"},
	    {"<title>Just a moment", "Cloudflare challenge"},
	    {"Attention Required! | Cloudflare", "Cloudflare block"},
	    {"_Incapsula_Resource", "Imperva Incapsula challenge"},
	    {"DDoS-Guard", "DDoS-Guard challenge"},
	    {"Checking your browser", "browser check"},
	    {"/.within.website/x/cmd/anubis", "Anubis challenge"},
	    {"g-recaptcha", "captcha"},
	    {"hcaptcha.com", "captcha"},
	    {"captcha", "captcha"},
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (find(p, n, signs[i].sign) != NULL) {
			s->body = BODY_CHALLENGE;
			snprintf(
			    s->title, sizeof(s->title), "%s", signs[i].name);
			return true;
		}
	return false;
}

static bool
is_html(struct sniff *s, const char *p, size_t n, const struct tag *root)
{
	static const char *const names[] = {"html", "head", "body", "title",
	    "script", "div", "p", "h1", "center", "table", "br", "b", "meta"};
	const char *title, *end;
	bool is_doctype = find(p, n < 1024 ? n : 1024, "<!doctype html");
	bool is_root = false;

	for (size_t i = 0; root && i < sizeof(names) / sizeof(*names); i++)
		is_root |=
		    root->name_len == strlen(names[i]) &&
		    strncasecmp(root->name, names[i], root->name_len) == 0;
	if (!is_doctype && !is_root)
		return false;
	if (is_challenge(s, p, n))
		return true;
	s->body = BODY_HTML;
	title = find(p, n, "<title");
	if (title == NULL)
		return true;
	title = memchr(title, '>', (size_t)(p + n - title));
	if (title == NULL)
		return true;
	title++;
	end = find(title, (size_t)(p + n - title), "</title");
	if (end != NULL)
		set_title(s, title, (size_t)(end - title));
	return true;
}

/* OAI-PMH answers without their root: a verb's element, or a record with a
 * header, alone. */
static bool
is_bare_oai(const struct tag *t, const char *p, size_t n)
{
	static const char *const names[] = {"ListRecords", "GetRecord",
	    "ListIdentifiers", "ListSets", "ListMetadataFormats", "Identify"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (tag_local_is(t->name, t->name_len, names[i]))
			return true;
	if (!tag_local_is(t->name, t->name_len, "record"))
		return false;
	p += t->len;
	n -= t->len;
	while (n > 0 && xml_is_space(*p)) {
		p++;
		n--;
	}
	if (n < 2 || *p != '<')
		return false;
	{
		struct tag child;

		tag_read(&child, p, n, 0);
		return (child.kind == TAG_START || child.kind == TAG_EMPTY) &&
		       tag_local_is(child.name, child.name_len, "header");
	}
}

/* <Repository> of a static repository, by its namespace, or by what it begins
 * with where that is missing. */
bool
sniff_is_static(const struct tag *t, const char *p, size_t n)
{
	const char *head;

	if (t->kind != TAG_START ||
	    !tag_local_is(t->name, t->name_len, "Repository"))
		return false;
	if (memmem(p, t->len, "/static-repository", 18) != NULL)
		return true;
	head = find(p, n, "Identify");
	return head != NULL && head[-1] != '/' &&
	       memmem(p, (size_t)(head - p), "<record", 7) == NULL;
}

static void
other(struct sniff *s, const char *p, size_t n)
{
	size_t i = 0;

	s->body = BODY_OTHER;
	while (i < n && xml_is_space(p[i]))
		i++;
	if (i < n && (p[i] == '{' || p[i] == '['))
		snprintf(s->title, sizeof(s->title), "JSON");
	else {
		char head[80];

		set_title(s, p + i, utf8_cut(p + i, n - i, 200));
		str_copy(head, sizeof(head), s->title);
		snprintf(s->title, sizeof(s->title), "text: %s", head);
	}
}

static bool
is_binary(struct sniff *s, const unsigned char *raw, size_t n)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *name;
	} magics[] = {
	    {"%PDF-", 5, "PDF"},
	    {"\x1f\x8b", 2, "gzip data that was not decoded"},
	    {"\x28\xb5\x2f\xfd", 4, "zstd data that was not decoded"},
	    {"PK\x03\x04", 4, "a ZIP archive"},
	    {"\x89PNG", 4, "a PNG image"},
	    {"GIF8", 4, "a GIF image"},
	    {"\xff\xd8\xff", 3, "a JPEG image"},
	};

	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (n >= magics[i].len &&
		    memcmp(raw, magics[i].magic, magics[i].len) == 0) {
			s->body = BODY_OTHER;
			snprintf(
			    s->title, sizeof(s->title), "%s", magics[i].name);
			return true;
		}
	return false;
}

void
sniff(struct sniff *s, const void *raw, size_t raw_len, const char *p, size_t n)
{
	const char *root, *element;
	struct tag t;
	bool only_prolog;
	size_t i;

	memset(s, 0, sizeof(*s));
	if (is_binary(s, raw, raw_len))
		return;
	element = first_element(p, n, &t, &only_prolog);
	if (element != NULL &&
	    sniff_is_static(&t, element, (size_t)(p + n - element))) {
		s->body = BODY_STATIC;
		s->root = (size_t)(element - p);
		s->has_junk = !only_prolog;
		return;
	}
	root = find_root(p, n);
	if (root == NULL && element != NULL &&
	    is_bare_oai(&t, element, (size_t)(p + n - element)))
		root = element;
	if (root != NULL) {
		s->body = BODY_OAI;
		s->root = (size_t)(root - p);
		s->has_junk = element != root || !only_prolog;
		return;
	}
	if (is_html(s, p, n, element ? &t : NULL))
		return;
	for (i = 0; i < n && xml_is_space(p[i]); i++)
		;
	if (element != NULL && p[i] == '<') {
		s->body = BODY_XML;
		set_title(s, t.name, t.name_len);
		return;
	}
	if (i == n)
		s->body = BODY_EMPTY;
	else if (!is_challenge(s, p, n))
		other(s, p, n);
}
