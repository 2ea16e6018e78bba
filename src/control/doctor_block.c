/* The settings of a report as a block for sources.d. */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "base/url.h"
#include "base/utf8.h"
#include "control/doctor.h"

enum { WHY_COLUMN = 38, LABELS = 8 };

static bool
is_given(const struct doctor_report *r, const char *key)
{
	for (size_t i = 0; i < r->settings.count; i++)
		if (strcmp(r->settings.items[i].key, key) == 0)
			return true;
	return false;
}

/* In quotes where the reader of the configuration would take a part of it for
 * something else (sheaf.conf(5), FORMAT). */
static void
add_value(struct buf *out, const char *value)
{
	struct buf text;

	buf_init(&text, LIMIT_CONFIG_LINE_BYTES);
	str_escape(&text, value, strlen(value), 2000);
	if (strpbrk(buf_str(&text), " \t\"#;") == NULL ||
	    (strpbrk(buf_str(&text), "\"#;") == NULL &&
		buf_str(&text)[0] != ' ')) {
		buf_adds(out, buf_str(&text));
	} else {
		buf_addc(out, '"');
		for (const char *s = buf_str(&text); *s != '\0'; s++) {
			if (*s == '"' || *s == '\\')
				buf_addc(out, '\\');
			buf_addc(out, *s);
		}
		buf_addc(out, '"');
	}
	buf_release(&text);
}

static void
add_line(struct buf *out, const char *key, const char *value, const char *why)
{
	size_t start;
	int pad;

	buf_adds(out, "  ");
	start = out->len;
	buf_printf(out, "%s = ", key);
	add_value(out, value);
	if (why != NULL) {
		pad = WHY_COLUMN -
		      (int)utf8_width(out->data + start, out->len - start);
		buf_printf(out, "%*s # %s", pad > 0 ? pad : 0, "", why);
	}
	buf_addc(out, '\n');
}

/* The label of a host that tells whose it is: unctad of news.unctad.org, and of
 * unctad.gov.xx too; in letters that a name may have. */
static const char *
owner(const char *url, struct arena *a)
{
	char *labels[LABELS] = {0}, *save = NULL, *s;
	struct err e = {0};
	struct url u;
	size_t n = 0, at;

	if (url_parse(&u, a, url, &e) != 0 || strchr(u.host, ':') != NULL ||
	    strspn(u.host, "0123456789.") == strlen(u.host))
		return "agency";
	for (s = strtok_r(arena_strdup(a, u.host), ".", &save);
	     s != NULL && n < LABELS; s = strtok_r(NULL, ".", &save))
		labels[n++] = s;
	at = n >= 2 ? n - 2 : 0;
	if (n >= 3 && strlen(labels[n - 1]) == 2 && strlen(labels[n - 2]) <= 3)
		at = n - 3;
	s = labels[at];
	if (s == NULL ||
	    strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(s) ||
	    strlen(s) > LIMIT_SOURCE_NAME_BYTES / 2 || s[0] == '-')
		return "agency";
	return s;
}

void
doctor_block(struct buf *out, const struct doctor_report *r,
    const struct conf_source *s, bool is_new, struct arena *a)
{
	const char *agency = is_new ? owner(s->url, a) : s->agency;

	if (is_new) {
		buf_printf(out, "  [agency %s]\n", agency);
		add_line(out, "name", r->title != NULL ? r->title : agency,
		    "of the agency, as people read it");
		buf_printf(out, "\n  [source %s-%s]\n", agency,
		    r->protocol == PROTOCOL_FEED	 ? "feed"
		    : r->protocol == PROTOCOL_OAI_STATIC ? "static"
							 : "oai");
	} else {
		buf_printf(out, "  [source %s]\n", s->name);
	}
	add_line(out, "agency", agency, NULL);
	if (!is_given(r, "url"))
		add_line(out, "url", s->url, NULL);
	for (size_t i = 0; i < r->settings.count; i++)
		add_line(out, r->settings.items[i].key,
		    r->settings.items[i].value, r->settings.items[i].why);
}
