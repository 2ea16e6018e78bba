/*
 * Names of persons and organisations out of what catalogues write as one text.
 *
 * A name stays as the source gives it, "Last, First" or "First Last": which
 * part of it is the family's is not known of half of the world's names, so
 * nothing is turned round.  What is no name goes: years of life, titles and
 * degrees, addresses of mail (contacts are nobody's to publish), addresses and
 * numbers of authorities (they become ids, when their check digits are right),
 * the punctuation that leads on to a card's next field; and a role, which is
 * kept beside the name.
 */
#ifndef SHEAF_CROSSWALK_PEOPLE_H
#define SHEAF_CROSSWALK_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "record/record.h"

enum { AGENT_IDS = 4, AGENT_TEXT_BYTES = 400 };

struct agent_text {
	const char *name; /* NULL: there are only ids */
	const char *kind; /* person, organisation; NULL: it cannot be told */
	const char *role; /* of words_agent_role, or NULL */
	const char *role_term; /* its word as given, or NULL */
	const char *affiliation; /* in parentheses behind a role, or NULL */
	struct rec_id ids[AGENT_IDS]; /* orcid, isni, ror */
	size_t id_count;
};

/* text: one line, of one agent.  A longer one than AGENT_TEXT_BYTES is a name
 * as it stands.  False where nothing is left (mail alone).  Memory is of a. */
bool agent_read(struct agent_text *out, struct arena *a, const char *text);

/* The next agent of a text that may hold several, from *p on; NULL behind the
 * last.  Parted are semicolons and bars, and commas only where each part, or
 * each second one, is made of initials: "Smith, J., Jones, K. L.", "J. Smith,
 * K. Jones"; not the comma of "Last, First".  Begin with *p = text. */
const char *agent_next(struct arena *a, const char **p);

/* A person by the shape of the name ("Last, First", initials), an organisation
 * by its words or as an acronym; NULL where neither is plain. */
const char *agent_kind_of(const char *name);

/* An id of an agent where one is expected: any dressing of ORCID, ISNI, ROR,
 * also the bare number of ORCID and ISNI.  False: it is none, or its check
 * digit is wrong. */
bool agent_id(struct rec_id *id, struct arena *a, const char *text);

/* people_id.c: takes ids, other addresses and mail out of s, in place. */
void agent_take_ids(struct agent_text *out, struct arena *a, char *s);

#endif
