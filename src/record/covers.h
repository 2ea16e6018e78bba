/*
 * What a source could fill: the configuration's `covers`.
 *
 * Terms AXIS:CODE with white space or commas between them, such as
 * `kind:technology-offer sector:water country:available:KEN`.  An axis is
 * kind, family (of kinds), sector or country; a country may have a role before
 * its code, as in the feed profile, and a code of three digits is a group.
 * Terms of one axis are alternatives, different axes all must hold, and an axis
 * that is not named is covered as a whole; kind and family are one axis.
 *
 * What it says is read here, for the configuration that refuses mistakes; the
 * database reads it again (sheaf.cover_codes) where the matrix goes by it.
 */
#ifndef SHEAF_RECORD_COVERS_H
#define SHEAF_RECORD_COVERS_H

#include "base/arena.h"
#include "base/err.h"
#include "record/record.h"

enum covers_axis {
	COVERS_KIND,
	COVERS_FAMILY,
	COVERS_SECTOR,
	COVERS_COUNTRY,
	COVERS_AXIS_COUNT
};

struct covers_term {
	enum covers_axis axis;
	const char *role; /* of a country; NULL: none */
	const char *code;
};

struct covers {
	RECORD_LIST(struct covers_term) terms;
};

/* Reads it; the texts are in a.  "" has no terms.  0, or -1 with a sentence
 * that says what is wrong and what was expected: not of that form, an unknown
 * axis, kind, family or role, more than LIMIT_COVERS_TERMS, more than
 * LIMIT_COVERS_BYTES.  Whether there is such a sector or country the
 * vocabularies know. */
int
covers_read(struct covers *c, struct arena *a, const char *text, struct err *e);

#endif
