/*
 * The envelope of an OAI-PMH answer: everything but the records (OAI-PMH
 * 3.2, 3.5, 3.6, 4.x), into the page's facts.
 */
#ifndef SHEAF_PARSE_ENVELOPE_H
#define SHEAF_PARSE_ENVELOPE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "parse/cut.h"
#include "parse/scope.h"
#include "parse/xml.h"
#include "record/facts.h"

struct envelope {
	struct xml xml; /* first: libxml2's user data */
	struct page_facts *facts;
	struct arena *arena; /* of what facts point to */
	struct scope scope; /* at the place reached */
	struct buf mended;
	unsigned repairs;
	bool has_verb; /* a verb's element was there */
	/* A static repository: Repository stands where OAI-PMH does, and there
	 * is a ListRecords for each format. */
	bool is_static;
	unsigned lists; /* ListRecords that have begun */
	struct buf list_format; /* of the last: its metadataPrefix */
	/* private */
	unsigned depth;
	int verb; /* index of the verb's element that is open, or -1 */
	bool in_group; /* a set or a metadataFormat */
	const char **into; /* where the text goes, or NULL */
	unsigned into_depth;
	bool is_token;
	bool is_too_long;
	struct buf text;
};

void envelope_init(struct envelope *v, struct page_facts *f, struct arena *a);
void envelope_release(struct envelope *v);
/* Takes a piece that is no item.  0, or -1 when the envelope is ill-formed
 * or too large. */
int envelope_feed(struct envelope *v, const struct piece *p, struct err *e);

#endif
