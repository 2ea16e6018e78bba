/*
 * One item of a page, cut out whole, into a record: header (OAI-PMH 2.5),
 * metadata (handed to the crosswalk element by element), about.
 *
 * Well-formed items pass through one parser that is never restarted; an
 * ill-formed one is tried again mended (parse/mend.h), alone, and given up
 * with libxml2's reason and its line and column in the page.
 */
#ifndef SHEAF_PARSE_ITEM_H
#define SHEAF_PARSE_ITEM_H

#include <stdbool.h>

#include "base/limits.h"
#include "parse/cut.h"
#include "parse/scope.h"
#include "parse/xml.h"
#include "record/element.h"

enum item_value {
	ITEM_NOTHING,
	ITEM_IDENTIFIER,
	ITEM_DATESTAMP,
	ITEM_SET,
	ITEM_ORIGIN, /* a field of about/provenance, at `into` */
	ITEM_RIGHTS
};

struct item {
	struct xml xml; /* first: libxml2's user data */
	const struct crosswalk_ops *ops;
	void *ops_arg;
	struct arena arena; /* of the record; cleared by the next item_read */
	struct buf mended;
	unsigned mendings;
	const char *format; /* of the last metadata with a known namespace */

	/* What need not be read again, NULL for nothing; the caller's. */
	const uint64_t *known;
	size_t known_slots;

	/* private */
	struct buf context; /* of the page, at scope_version */
	unsigned scope_version;
	uint64_t fed;
	struct record *record;
	const struct piece *piece;
	const struct scope *scope;
	bool is_over;
	unsigned depth; /* 1 is the item itself */
	enum { IN_NOTHING, IN_HEADER, IN_METADATA, IN_ABOUT } in;
	unsigned origins; /* nested originDescription */
	const char *lang[LIMIT_XML_DEPTH + 2];
	/* the value being collected */
	enum item_value value;
	unsigned value_depth;
	const char **into;
	struct buf text;
	bool is_text_cut;
	/* of the metadata: what is asked for of each open element, where its
	 * text begins, and what the innermost one whose text is asked for is */
	unsigned char wants[LIMIT_XML_DEPTH + 2]; /* enum meta_want */
	struct item_text {
		size_t at; /* in `text` */
		unsigned depth;
		bool is_cut;
	} texts[LIMIT_XML_DEPTH + 2];
	size_t text_count;
	unsigned skipped_depth; /* nothing from here on is asked for; 0 */
};

void item_init(struct item *it, const struct crosswalk_ops *ops, void *arg);
void item_release(struct item *it);
/* Reads the item into r (texts live in it->arena until the next call).
 * 0, or -1 with the reason in e; r then holds at most an identifier. */
int item_read(struct item *it, const struct piece *p, const struct scope *s,
    struct record *r, struct err *e);

#endif
