/* What the targets of a crosswalk take. */
#ifndef SHEAF_CROSSWALK_TAKEN_H
#define SHEAF_CROSSWALK_TAKEN_H

#include <stdbool.h>
#include <stddef.h>

/* What a target makes a value of the record of: the target's parts, as their
 * rule has them.  NULL: there is none. */
struct taken {
	const char *text; /* of the first part, as it was written: with HTML,
			   * not trimmed; NUL-terminated */
	size_t len;
	const char *lang; /* as written */
	bool is_lang_said; /* by the rule, not by where the value stands */
	const char *resource; /* an address that stands for an empty text */
	/* The other parts, trimmed. */
	const char *role, *role_term, *kind, *affiliation, *until, *scheme,
	    *type, *words, *code, *url, *media_type, *issn, *isbn, *volume,
	    *issue, *pages, *number, *max, *key;
	const char *const *ids; /* of agents */
	size_t id_count;
};

#endif
