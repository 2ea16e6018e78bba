/*
 * Metadata elements to the record model (record/record.h), as the crosswalks
 * (xwalk.h) say it: by the one that the source asks for, else by that which the
 * metadata's root belongs to, else by that of the metadataPrefix, else by the
 * one called other.
 */
#ifndef SHEAF_CROSSWALK_CROSSWALK_H
#define SHEAF_CROSSWALK_CROSSWALK_H

#include "record/element.h"

struct crosswalk;
struct xwalk_set;

struct crosswalk_config { /* texts may be NULL; kept, not copied */
	const char *format; /* metadataPrefix */
	const char *base_url; /* relative links are resolved against it */
	const char *kind; /* of records that do not say it themselves */
	const char *licence; /* likewise: a URL or a text */
	/* A feed's basis of identity, of words_identity; NULL or "": guid */
	const char *identity;
	/* The crosswalks; NULL: there are none, and no record has content. */
	const struct xwalk_set *walks;
	const char *crosswalk; /* the one asked for; NULL, "": none */
	const char *keep; /* record/keep.h: of others `filtered` is set */
	html_text_fn html_text; /* NULL: text is taken as it is */
};

extern const struct crosswalk_ops crosswalk_ops; /* arg: struct crosswalk * */

/* Makes what all crosswalks look up in, before forks, so that children share
 * it; else it is made as it is needed. */
void crosswalk_begin(void);
struct crosswalk *crosswalk_new(const struct crosswalk_config *config);
void crosswalk_free(struct crosswalk *x);

#endif
