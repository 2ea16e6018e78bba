/*
 * Fields of an entry (registry.entry), and how far a source is trusted in
 * each: the configuration's `trust`.
 *
 *	trust = 3
 *	trust = 2, title = 5, abstract = -4
 *
 * A number from -10 to 10 for all fields, and others for single ones; 0 where
 * nothing is said.  What it says is read here, for the configuration that
 * refuses mistakes and for sheaf-resolve that goes by it.
 */
#ifndef SHEAF_RECORD_TRUST_H
#define SHEAF_RECORD_TRUST_H

#include <stddef.h>

#include "base/err.h"

enum entry_field {
	ENTRY_TITLE,
	ENTRY_TITLE_LANG,
	ENTRY_ABSTRACT,
	ENTRY_KIND,
	ENTRY_STATUS,
	ENTRY_ISSUED,
	ENTRY_STARTS,
	ENTRY_ENDS,
	ENTRY_DEADLINE,
	ENTRY_PUBLISHER,
	ENTRY_URL,
	ENTRY_IMAGE_URL,
	ENTRY_RIGHTS_URL,
	ENTRY_ACCESS,
	ENTRY_TRL_MIN,
	ENTRY_TRL_MAX,
	/* lists that stand in an entry's row */
	ENTRY_LANGUAGES,
	ENTRY_COUNTRIES,
	ENTRY_SECTORS,
	ENTRY_SDGS,
	ENTRY_SET_FIELDS, /* what an operator may set is above */
	/* lists in rows of their own */
	ENTRY_AGENTS = ENTRY_SET_FIELDS,
	ENTRY_IDENTIFIERS,
	ENTRY_LINKS,
	ENTRY_SUBJECTS,
	ENTRY_DATES,
	ENTRY_RIGHTS,
	ENTRY_FIELDS
};

enum { TRUST_MOST = 10 };

struct trust {
	signed char of[ENTRY_FIELDS];
};

const char *entry_field_name(enum entry_field f);
/* -1: there is no such field. */
int entry_field_parse(const char *name, size_t n);

/* Sets what the text says in *t, which keeps the rest; "" says nothing.  0, or
 * -1 with a sentence that says what is wrong and what was expected. */
int trust_read(struct trust *t, const char *text, struct err *e);

#endif
