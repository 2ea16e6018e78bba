/*
 * Which entry a cluster of records is: ids that never die.
 *
 * Pure: from what was (each record's entry) and what is (each record's group)
 * it says what becomes of every entry.  The rules:
 * - A group keeps the entry that most of its records had; records that were
 *   there before count before those that come back; ties: the oldest entry,
 *   then the least id.  An entry is kept by one group at most: where several
 *   want it, the one with most of its records.
 * - A group that keeps none gets a new one.
 * - An entry that no group keeps, though records of it are in groups, is
 *   merged (they are all in one entry now) or split (in several).  Both are
 *   final: such an id leads on for ever and is no record's entry again.
 * - An entry without a record in a group is gone: a tombstone.  Its records
 *   stay its members, inactive, and bring it back when they come back.
 * - Where a record leaves an entry, be it kept or not, the entry has a forward
 *   to where it went.  Inactive records follow a merged or split entry to the
 *   (best) successor.
 * So each id is live, gone, or leads to one that is, and none is used twice.
 *
 * What is given has to be closed: with an entry come all of its records, with
 * a record that is in a group all others of the group.
 */
#ifndef SHEAF_RESOLVE_ENTRIES_H
#define SHEAF_RESOLVE_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENTRY_ID_BYTES = 16 };
#define ENTRIES_NONE SIZE_MAX

enum entry_state {
	ENTRY_LIVE,
	ENTRY_GONE, /* a tombstone: comes back with its records */
	ENTRY_MERGED, /* final: leads to one entry */
	ENTRY_SPLIT, /* final: leads to several */
	ENTRY_STATES
};

struct entries_record {
	uint64_t record_id;
	uint64_t key; /* hash of source name and identifier: breaks ties */
	size_t entry; /* index of its entry so far; ENTRIES_NONE: none */
	size_t group; /* below group_count; ENTRIES_NONE: it is not there
			 now (deleted, hidden, purged) */
	bool was_active; /* it counted in its entry so far */
};

struct entries_entry {
	uint8_t id[ENTRY_ID_BYTES]; /* uuid, in network order */
	int64_t made_at; /* microseconds since 1970 */
	enum entry_state state; /* live or gone; a merged or split one is not
				   kept and not changed: its records get
				   another */
};

struct entries_input {
	const struct entries_record *records;
	size_t record_count;
	const struct entries_entry *entries;
	size_t entry_count;
	size_t group_count;
};

struct entries_forward {
	size_t from, to; /* indexes of entries, old or new */
	bool is_merge; /* from is merged into to; else its records went on to
			  several, or some of them stayed */
};

/* Entries are counted on: entry_count + n is the n-th new one, whose id the
 * caller makes (random, behind the time). */
struct entries_result {
	size_t *record_entry; /* for each record; ENTRIES_NONE: it is not there
				 and has never been in one */
	size_t *group_entry; /* for each group; never ENTRIES_NONE */
	enum entry_state *state; /* for each entry, old and new */
	size_t *active; /* for each entry: records that are in it now */
	size_t made; /* new entries */
	struct entries_forward *forwards; /* those that are to be there; some
					     may be already */
	size_t forward_count;
};

/* `out` is overwritten, and released by entries_release().  The same input in
 * another order gives the same, but for the numbers of new entries, which
 * follow those of their groups. */
void entries_assign(struct entries_result *out, const struct entries_input *in);
void entries_release(struct entries_result *r);

/* "live", "gone", "merged", "split": sheaf.entry.state.  Never NULL. */
const char *entry_state_name(enum entry_state s);

#endif
