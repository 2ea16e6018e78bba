/* Identifiers out of text: scheme by prefix, resolver or shape; the value in
 * normal form, its checksum proved where it has one. */
#ifndef SHEAF_CROSSWALK_IDENTIFIERS_H
#define SHEAF_CROSSWALK_IDENTIFIERS_H

#include <stdbool.h>

#include "base/arena.h"

struct found_id {
	const char *scheme; /* doi, handle, isbn, issn, un-symbol, patent, iati,
			     * arxiv, pmid, urn, oai, url, orcid, ror, isni;
			     * NULL: no scheme can be told */
	const char *value; /* in normal form */
	bool is_url; /* the text is an http(s) link (whatever scheme) */
	bool is_bad; /* a prefix named a scheme, and the value is none
		      * of it (wrong check digit) */
};

/* text: one line, trimmed.  Values live in a. */
void identifier_find(struct found_id *f, struct arena *a, const char *text);

/* The first identifier that a citation names by its prefix: "… 12(3), 45-67.
 * doi: 10.1234/x."  It is that of what the text cites. */
bool
identifier_in_citation(struct found_id *f, struct arena *a, const char *text);

/* What only the place says to be of a scheme (doi, handle, isbn, issn, orcid,
 * isni, arxiv, pmid, urn, un-symbol), with what may stand behind it in
 * parentheses or behind a space: "9789211234567 (pbk.)".  False when it is no
 * such thing, and for other schemes. */
bool identifier_as(
    struct found_id *f, struct arena *a, const char *scheme, const char *text);
/* The scheme is one of those. */
bool identifier_has_form(const char *scheme);

/* NNNN-NNNX alone, where only the place says what it is: with a right check
 * digit and no span of years it is an ISSN. */
bool
identifier_find_issn(struct found_id *f, struct arena *a, const char *text);

#endif
