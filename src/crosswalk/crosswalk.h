/*
 * Metadata elements to the record model (record/record.h): Dublin Core, plain
 * (oai_dc) and qualified (dcterms), wherever its elements stand.
 *
 * What each element becomes is one table (dc.c) of element, handler and role;
 * other formats keep their raw bytes, and what is in Dublin Core's namespaces
 * within them is taken as in oai_dc; of what is not, the first title and
 * abstract alone.
 */
#ifndef SHEAF_CROSSWALK_CROSSWALK_H
#define SHEAF_CROSSWALK_CROSSWALK_H

#include "record/element.h"

struct crosswalk;

struct crosswalk_config { /* texts may be NULL; kept, not copied */
	const char *format; /* metadataPrefix */
	const char *base_url; /* relative links are resolved against it */
	const char *kind; /* of records that do not say it themselves */
	const char *licence; /* likewise: a URL or a text */
	/* A feed's basis of identity, of words_identity; NULL or "": guid */
	const char *identity;
	html_text_fn html_text; /* NULL: text is taken as it is */
};

extern const struct crosswalk_ops crosswalk_ops; /* arg: struct crosswalk * */

struct crosswalk *crosswalk_new(const struct crosswalk_config *config);
void crosswalk_free(struct crosswalk *x);

#endif
