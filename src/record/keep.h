/*
 * Which records of a source are wanted: the configuration's `keep`.
 *
 * A selection is a list of terms FIELD:VALUE with commas between them, such as
 * `kind:publication, language:en, subject:"climate*"`.  Terms of one field are
 * alternatives, different fields all must hold.  A value in double quotes may
 * hold commas; without quotes `none` stands for a record that has no such
 * value.  Types and subjects are compared without case, and a * in them stands
 * for any text; kinds and languages are codes, and a language holds for what is
 * more special ("pt" for "pt-BR").
 *
 * What it says is read here, for the configuration that refuses mistakes and
 * for the crosswalk that goes by it (crosswalk/keep.h).
 */
#ifndef SHEAF_RECORD_KEEP_H
#define SHEAF_RECORD_KEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "record/record.h"

enum keep_field {
	KEEP_KIND,
	KEEP_TYPE,
	KEEP_LANGUAGE,
	KEEP_SUBJECT,
	KEEP_FIELD_COUNT
};
const char *keep_field_name(enum keep_field f);

struct keep_term {
	enum keep_field field;
	const char *value; /* NULL: none */
};

struct keep {
	RECORD_LIST(struct keep_term) terms;
};

/* Reads a selection; its texts are in a.  "" selects everything and has no
 * terms.  0, or -1 with a sentence that says what is wrong and what was
 * expected: not of that form, an unknown field or kind, no language tag, more
 * than LIMIT_KEEP_TERMS, more than LIMIT_KEEP_BYTES. */
int keep_read(struct keep *k, struct arena *a, const char *text, struct err *e);

#endif
