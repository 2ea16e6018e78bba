/*
 * <about> of a record: where an aggregator had it from (the OAI provenance
 * schema: the outermost originDescription, which is the nearest hop) and
 * statements of rights (the OAI rights schema, or dc:rights).
 */
#include <string.h>

#include "base/str.h"
#include "base/url.h"
#include "parse/item_sax.h"

static enum item_value
origin(struct item *it, const char **into)
{
	if (*into != NULL)
		return ITEM_NOTHING;
	it->into = into;
	return ITEM_ORIGIN;
}

static void
add_rights(struct item *it, const char *text, const char *url)
{
	struct rec_rights *r = record_add(&it->arena, &it->record->rights);

	if (r == NULL)
		return;
	r->text = text;
	r->url = url;
}

enum item_value
about_start(struct item *it, const char *uri, const char *name,
    const xmlChar **atts, int att_count)
{
	struct rec_origin *o = &it->record->origin;
	const char *value;
	size_t len;

	if (strcmp(name, "originDescription") == 0) {
		it->origins++;
		return ITEM_NOTHING;
	}
	if (it->origins == 1) {
		if (strcmp(name, "baseURL") == 0)
			return origin(it, &o->base_url);
		if (strcmp(name, "identifier") == 0)
			return origin(it, &o->identifier);
		if (strcmp(name, "datestamp") == 0)
			return origin(it, &o->datestamp);
		if (strcmp(name, "metadataNamespace") == 0)
			return origin(it, &o->format);
	}
	if (strcmp(name, "rightsReference") == 0 &&
	    xml_attribute(atts, att_count, "ref", &value, &len)) {
		value = str_trim(arena_strndup(&it->arena, value, len));
		add_rights(it, url_is_http(value) ? NULL : value,
		    url_is_http(value) ? value : NULL);
		return ITEM_NOTHING;
	}
	if (strcmp(name, "rightsDefinition") == 0)
		return ITEM_RIGHTS;
	if (strcmp(name, "rights") == 0 && strstr(uri, "purl.org/dc/") != NULL)
		return ITEM_RIGHTS;
	return ITEM_NOTHING;
}

void
about_end(struct item *it, const char *name)
{
	if (it->origins > 0 && strcmp(name, "originDescription") == 0)
		it->origins--;
}

void
about_rights(struct item *it, const char *text)
{
	if (*text == '\0')
		return;
	if (url_is_http(text) && strpbrk(text, " \t\r\n") == NULL)
		add_rights(it, NULL, text);
	else
		add_rights(it, text, NULL);
}
