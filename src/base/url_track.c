/* What in a URL tells the publisher where a reader came from, and says nothing
 * of the page. */
#include <string.h>
#include <strings.h>

#include "base/url.h"

/* Names of parameters: whole, or what they begin with. */
static bool
is_tracking(const char *p, size_t n)
{
	static const char *const names[] = {"fbclid", "gclid", "gclsrc",
	    "dclid", "gbraid", "wbraid", "msclkid", "twclid", "yclid", "ysclid",
	    "igshid", "igsh", "mc_cid", "mc_eid", "mkt_tok", "_ga", "_gl",
	    "_hsenc", "_hsmi", "oly_anon_id", "oly_enc_id", "vero_id",
	    "wickedid", "xtor", "wt_mc", "wt.mc_id", "ns_campaign",
	    "ns_mchannel", "ns_source", "ns_linkname", "ns_fee", "cmpid",
	    "s_cid", "__s"};
	static const char *const beginnings[] = {"utm_", "pk_campaign",
	    "pk_kwd", "pk_source", "pk_medium", "mtm_", "matomo_", "piwik_",
	    "at_medium", "at_campaign", "at_custom", "at_link_", "hsa_"};
	/* "&amp;" that was escaped once too often */
	size_t skip = n > 4 && strncasecmp(p, "amp;", 4) == 0 ? 4 : 0;
	const char *eq = memchr(p += skip, '=', n -= skip);
	size_t len = eq ? (size_t)(eq - p) : n;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == len &&
		    strncasecmp(p, names[i], len) == 0)
			return true;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
		size_t k = strlen(beginnings[i]);

		if (len >= k && strncasecmp(p, beginnings[i], k) == 0)
			return true;
	}
	return false;
}

/* Copies the parameters of [p, p + n) that do not track behind `mark`, which
 * goes where none is left.  The new end of the output. */
static char *
copy_parameters(char *o, char mark, const char *p, size_t n)
{
	const char *end = p + n;
	char *begin = o;

	for (;;) {
		const char *amp = memchr(p, '&', (size_t)(end - p));
		size_t len = (size_t)((amp ? amp : end) - p);

		if (len > 0 && !is_tracking(p, len)) {
			*o = o == begin ? mark : '&';
			memcpy(++o, p, len);
			o += len;
		}
		if (amp == NULL)
			return o;
		p = amp + 1;
	}
}

const char *
url_untracked(struct arena *a, const char *url)
{
	size_t n = strcspn(url, "?#"), query;
	char *out, *o;

	if (url[n] == '\0')
		return url;
	out = arena_alloc(a, strlen(url) + 1);
	memcpy(out, url, n);
	o = out + n;
	if (url[n] == '?') {
		query = strcspn(url + n + 1, "#");
		o = copy_parameters(o, '?', url + n + 1, query);
		n += 1 + query;
	}
	if (url[n] == '#')
		o = copy_parameters(o, '#', url + n + 1, strlen(url + n + 1));
	*o = '\0';
	return out;
}
