/* By URI first: the beginning of it is enough, since feeds differ in versions,
 * slashes and letter case. */
#include "parse/feed_names.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *uri, *ns;
} uris[] = {
    {"http://www.w3.org/2005/atom", ""},
    {"http://purl.org/atom/ns", ""},
    {"http://purl.org/rss/1.0/modules/content", "content"},
    {"http://purl.org/rss/1.0/modules/syndication", "sy"},
    {"http://purl.org/rss/1.0/modules/slash", "slash"},
    {"http://purl.org/rss/1.0/modules/event", "ev"},
    {"http://purl.org/rss/1.0/modules/prism", "prism"},
    {"http://purl.org/rss/1.0/modules/link", "l"},
    {"http://purl.org/rss/1.0/modules/dcterms", "dcterms"},
    {"http://purl.org/rss/1.0/modules/", "other"},
    {"http://purl.org/rss/1.0", ""},
    {"http://purl.org/net/rss1.1", ""},
    {"http://my.netscape.com/", ""},
    {"http://channel.netscape.com/", ""},
    {"http://backend.userland.com/", ""},
    {"http://blogs.law.harvard.edu/tech/rss", ""},
    {"http://cyber.law.harvard.edu/rss", ""},
    {"http://cyber.harvard.edu/rss", ""},
    {"http://example.com/newformat#", ""},
    {"http://example.com/necho", ""},
    {"http://purl.org/echo", ""},
    {"uri/of/echo/namespace#", ""},
    {"http://purl.org/pie/", ""},
    {"http://www.rssboard.org/rss-", ""},
    {"http://purl.org/dc/terms", "dcterms"},
    {"http://purl.org/dc/elements", "dc"},
    {"http://purl.org/dc/", "dc"},
    {"http://search.yahoo.com/mrss", "media"},
    {"http://www.rssboard.org/media-rss", "media"},
    {"http://video.search.yahoo.com/mrss", "media"},
    {"http://tools.search.yahoo.com/mrss", "media"},
    {"http://www.itunes.com/dtds/", "itunes"},
    {"http://www.itunes.com/", "itunes"},
    {"http://example.com/dtds/podcast", "itunes"},
    {"http://www.google.com/schemas/play-podcasts", "googleplay"},
    {"http://www.georss.org/georss", "georss"},
    {"http://www.opengis.net/gml", "gml"},
    {"http://www.w3.org/2003/01/geo/wgs84_pos", "geo"},
    {"http://www.w3.org/1999/xhtml", "xhtml"},
    {"http://www.w3.org/1999/02/22-rdf-syntax-ns", "rdf"},
    {"http://www.w3.org/xml/1998/namespace", "xml"},
    {"http://purl.org/syndication/history", "fh"},
    {"http://purl.org/syndication/thread", "thr"},
    {"http://purl.org/atompub/tombstones", "at"},
    {"http://wellformedweb.org/commentapi", "wfw"},
    {"urn:ietf:params:xml:ns:xcal", "xcal"},
    {"http://prismstandard.org/namespaces", "prism"},
    {"http://www.prismstandard.org/namespaces", "prism"},
    {"http://backend.userland.com/creativecommonsrssmodule", "creativecommons"},
    {"http://cyber.law.harvard.edu/rss/creativecommonsrssmodule",
	"creativecommons"},
    {"http://web.resource.org/cc", "cc"},
    {"http://creativecommons.org/ns", "cc"},
    {"http://a9.com/-/spec/opensearch", "opensearch"},
    {"http://rssnamespace.org/feedburner", "feedburner"},
};

static const char *const prefixes[] = {"content", "sy", "slash", "ev", "prism",
    "dcterms", "dc", "media", "itunes", "googleplay", "georss", "gml", "geo",
    "xhtml", "rdf", "xml", "fh", "thr", "at", "wfw", "xcal", "creativecommons",
    "cc", "opensearch", "feedburner"};

/* The core's own userland modules stand below addresses of the core. */
static const char *
by_uri(const char *uri)
{
	size_t best = 0;
	const char *ns = NULL;

	for (size_t i = 0; i < sizeof(uris) / sizeof(*uris); i++) {
		size_t n = strlen(uris[i].uri);

		if (n > best && strncasecmp(uri, uris[i].uri, n) == 0) {
			best = n;
			ns = uris[i].ns;
		}
	}
	return ns;
}

const char *
feed_ns(const char *prefix, const char *uri)
{
	const char *ns;

	if (uri != NULL && *uri != '\0') {
		uri += strspn(uri, " \t\r\n");
		ns = by_uri(uri);
		if (ns != NULL)
			return ns;
		return prefix == NULL ? "" : "other";
	}
	if (prefix == NULL)
		return "";
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (strcasecmp(prefix, prefixes[i]) == 0)
			return prefixes[i];
	if (strcasecmp(prefix, "dct") == 0)
		return "dcterms";
	return strcasecmp(prefix, "atom") == 0 || strcasecmp(prefix, "rss") == 0
		   ? ""
		   : "other";
}

/* Elements whose children are text: Atom's constructs, RSS's descriptions
 * with HTML that was not escaped. */
bool
feed_takes_markup(const char *ns, const char *name)
{
	static const char *const names[] = {"title", "description", "summary",
	    "content", "encoded", "subtitle", "tagline", "info", "copyright",
	    "rights", "abstract", "fullitem", "body", "div", "guid", "id"};
	static const char *const spaces[] = {
	    "", "dc", "dcterms", "content", "xhtml", "at"};
	size_t i = 0, k = 0;

	while (i < sizeof(names) / sizeof(*names) &&
	       (*names[i] != *name || strcmp(name, names[i]) != 0))
		i++;
	if (i == sizeof(names) / sizeof(*names))
		return false;
	while (
	    k < sizeof(spaces) / sizeof(*spaces) && strcmp(ns, spaces[k]) != 0)
		k++;
	return k < sizeof(spaces) / sizeof(*spaces);
}
