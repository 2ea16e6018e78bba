/* The request as a URL: the verb first, a token alone with it, every value
 * percent-encoded exactly once (OAI-PMH 3.1.1). */
#include <string.h>

#include "base/limits.h"
#include "base/url.h"
#include "sched/oai_priv.h"

const char *
oai_verb(const struct oai_pos *p)
{
	switch (p->phase) {
	case OAI_IDENTIFY:
	case OAI_PROBE:
		return "Identify";
	case OAI_FORMATS:
		return "ListMetadataFormats";
	case OAI_SETS:
		return "ListSets";
	case OAI_GET:
	case OAI_WANT:
		return "GetRecord";
	default:
		return p->identifiers ? "ListIdentifiers" : "ListRecords";
	}
}

static bool
unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-._~", c) != NULL);
}

bool
oai_token_special(const char *token)
{
	for (; *token != '\0'; token++)
		if (!unreserved(*token))
			return true;
	return false;
}

/* As the server wrote it, where a URL can hold it at all. */
static void
add_raw(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f ||
		    strchr("#&\"<>\\^`{|}", *s) != NULL)
			buf_printf(out, "%%%02X", (unsigned char)*s);
		else
			buf_addc(out, *s);
	}
}

static void
add_argument(struct buf *out, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	buf_printf(out, "&%s=", name);
	url_encode(out, value, strlen(value));
}

static void
add_verb(struct buf *out, const char *base, const char *verb)
{
	size_t n = strcspn(base, "#");

	while (n > 0 && (base[n - 1] == '?' || base[n - 1] == '&'))
		n--;
	buf_add(out, base, n);
	buf_printf(
	    out, "%cverb=%s", memchr(base, '?', n) != NULL ? '&' : '?', verb);
}

const char *
oai_get_id(const struct oai_run *r)
{
	return r->ids != NULL ? r->ids + r->id_at : "";
}

void
oai_get_next(struct oai_run *r)
{
	/* The list was cut at its line ends in oai_run_wanted(). */
	while (r->ids[r->id_at] != '\0')
		r->id_at++;
	r->id_at++;
}

int
oai_url_build(struct oai_run *r)
{
	const struct oai_pos *p = &r->head;
	struct buf *url = &r->url;

	buf_clear(url);
	r->from[0] = r->until[0] = '\0';
	add_verb(url, r->source->url, oai_verb(p));
	if (p->phase == OAI_LIST)
		oai_window_text(r, r->from, r->until);
	if (p->phase == OAI_LIST && p->token != NULL) {
		if (r->know.token_raw) {
			buf_adds(url, "&resumptionToken=");
			add_raw(url, p->token);
		} else {
			add_argument(url, "resumptionToken", p->token);
		}
	} else if (p->phase == OAI_LIST) {
		add_argument(url, "metadataPrefix", r->know.format);
		add_argument(url, "from", r->from);
		add_argument(url, "until", r->until);
		add_argument(url, "set", oai_set(r, p));
	} else if (p->phase == OAI_GET) {
		add_argument(url, "identifier", oai_get_id(r));
		add_argument(url, "metadataPrefix", r->know.format);
	}
	return url->full ? -1 : 0;
}
