/*
 * An entry, composed of its records.  Pure: the same records, sources, words of
 * operators and time give the same entry, in whatever order they come.
 *
 * Of each field one record's value stands for the entry: the one whose source
 * is trusted most in that field; then what is declared before what is mapped,
 * given by a rule or as a default, or detected; then the more complete value
 * (a day says more than a year, a text more than one that is cut off), the
 * record that says more, the one with the newer datestamp, and at last the
 * first by source and identifier.  Lists are the values of all records, each
 * once, with the record that it came from by the same rule.
 */
#ifndef SHEAF_RESOLVE_COMPOSE_H
#define SHEAF_RESOLVE_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "record/record.h"
#include "record/trust.h"

struct compose_source {
	int32_t source_id;
	const char *name, *agency; /* code of who runs it */
	struct trust trust;
	bool contacts; /* persons' addresses and numbers may be published */
	int64_t expire_us; /* 0: never */
};

struct compose_record {
	int64_t record_id;
	const struct compose_source *source;
	const char *identifier;
	int64_t datestamp, first_seen; /* microseconds; DATE_NONE */
	const struct record *content; /* zeroed where there is only a header */
};

/* An operator's word about a field, said of one of the records. */
struct compose_set {
	enum entry_field field; /* below ENTRY_SET_FIELDS */
	const char *value; /* "": it has none */
	int64_t record_id, at;
};

/* What the composer asks of the rest of the registry. */
struct compose_world {
	void *arg;
	/* The code of the agency of that name; NULL: there is none. */
	const char *(*agency)(void *arg, const char *name);
	/* The family of a kind; NULL: unknown. */
	const char *(*family)(void *arg, const char *kind);
};

struct compose_input {
	const struct compose_record *records; /* at least one */
	size_t record_count;
	const struct compose_set *sets;
	size_t set_count;
	struct compose_world world;
	int64_t now; /* microseconds */
};

struct composed_field {
	const char *value; /* NULL: none */
	int64_t record_id;
	bool is_set; /* by an operator */
};

#define COMPOSED(name, type)                                                   \
	struct name {                                                          \
		int64_t record_id;                                             \
		type v;                                                        \
	}
COMPOSED(composed_text, struct rec_text);
COMPOSED(composed_agent, struct rec_agent);
COMPOSED(composed_id, struct rec_id);
COMPOSED(composed_link, struct rec_link);
COMPOSED(composed_subject, struct rec_subject);
COMPOSED(composed_date, struct rec_date);
COMPOSED(composed_rights, struct rec_rights);
COMPOSED(composed_relation, struct rec_relation);
COMPOSED(composed_code, struct rec_code);
#undef COMPOSED

enum compose_axis { AXIS_SECTOR, AXIS_COUNTRY, AXIS_SDG, AXIS_LANGUAGE, AXES };

typedef RECORD_LIST(const char *) compose_names;

struct composed {
	struct composed_field fields[ENTRY_LANGUAGES]; /* scalar ones */
	const char *family; /* "unassigned" where there is none */
	const char *issued; /* first day, YYYY-MM-DD */
	const char *issued_precision;
	int64_t starts, ends, deadline, due, first_seen; /* DATE_NONE: none */
	int32_t trl_min, trl_max; /* 0: none */
	size_t record_count;
	RECORD_LIST(struct composed_text) titles;
	RECORD_LIST(struct composed_text) abstracts;
	RECORD_LIST(struct composed_agent) agents;
	RECORD_LIST(struct composed_id) identifiers;
	RECORD_LIST(struct composed_link) links;
	RECORD_LIST(struct composed_subject) subjects;
	RECORD_LIST(struct composed_date) dates;
	RECORD_LIST(struct composed_rights) rights;
	RECORD_LIST(struct composed_relation) relations;
	RECORD_LIST(struct composed_code) codes[AXES];
	bool is_set[AXES]; /* an operator said which */
	int64_t set_record[AXES];
	/* sorted, each once */
	compose_names code_names[AXES], agencies, sources;
};

const char *compose_axis_name(enum compose_axis a);
enum entry_field compose_axis_field(enum compose_axis a);

/* Texts of *out are those of the input, or in a. */
void
compose(struct composed *out, const struct compose_input *in, struct arena *a);

/* Of all that *c says. */
void composed_digest(uint8_t out[DIGEST_BYTES], const struct composed *c);

/* The text without what looks like an address of mail or a telephone number:
 * itself where there is none, NULL where nothing else is in it. */
const char *compose_without_contacts(struct arena *a, const char *text);

#endif
