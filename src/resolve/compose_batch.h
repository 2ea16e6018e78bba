/* Entries that are composed together; private to src/resolve/compose_*.c. */
#ifndef SHEAF_RESOLVE_COMPOSE_BATCH_H
#define SHEAF_RESOLVE_COMPOSE_BATCH_H

#include "resolve/compose.h"
#include "resolve/work.h"

enum {
	ENTRY_UUID_BYTES = 16,
	COMPOSE_ENTRIES = 1000, /* of a batch: about half a second */
};

/* --- sources, agencies and kinds: compose_sources.c --- */
struct compose_sources {
	struct arena arena;
	struct compose_source *items; /* by source_id */
	size_t count, cap;
	struct compose_label {
		const char *key, *value;
	} * agencies, *kinds; /* by key */
	size_t agency_count, agency_cap, kind_count, kind_cap;
	bool is_loaded;
};
void compose_sources_init(struct compose_sources *s);
void compose_sources_release(struct compose_sources *s);
/* Reads them all, in the caller's transaction. */
int
compose_sources_load(struct compose_sources *s, struct work *w, struct err *e);
/* Where the vocabulary is another one than before, kinds are read again, and
 * entries whose kind is of another family now are queued.  No transaction is
 * open. */
int
compose_sources_kinds(struct compose_sources *s, struct work *w, struct err *e);
/* NULL: it is new, or gone. */
const struct compose_source *
compose_sources_find(const struct compose_sources *s, int32_t source_id);
struct compose_world compose_sources_world(struct compose_sources *s);

/* --- a batch: compose_read.c --- */
struct batch_record {
	struct compose_record r;
	struct record content;
	size_t entry; /* index */
	int64_t block_id;
	int32_t doc_at, doc_len;
};

struct batch_entry {
	uint8_t id[ENTRY_UUID_BYTES];
	enum { STATE_GONE, STATE_LIVE, STATE_MERGED, STATE_SPLIT } state;
	int64_t entry_no; /* 0: it is not composed yet */
	uint8_t was[DIGEST_BYTES], digest[DIGEST_BYTES];
	size_t from, count; /* its records in batch.order */
	struct composed *composed; /* NULL: it has no record */
	bool differs;
	const char *related; /* of its change, "{…}" or NULL */
};

struct compose_batch {
	struct work *work;
	struct compose_sources *sources;
	struct arena arena;
	size_t most; /* entries, at most COMPOSE_ENTRIES */
	const struct err *why; /* one is put aside */
	int64_t now; /* the server's */
	bool has_sets; /* operators set a field of something */
	int64_t *rows; /* of sheaf.uncomposed */
	size_t row_count, row_cap;
	struct batch_entry *entries; /* each once, in the order of the queue */
	size_t entry_count, entry_cap;
	size_t read_count; /* of these at most so many are read */
	struct batch_record *records;
	size_t record_count, record_cap;
	struct batch_record **order; /* by entry */
	struct compose_set *sets; /* by record */
	size_t set_count, set_cap;
	size_t looked_at; /* entries that are composed now; the rest waits */
};

/* Takes rows, finds entries, records, contents and operators' words. */
int compose_take(struct compose_batch *b, struct err *e);
int compose_read(struct compose_batch *b, struct err *e);

/* --- what came of it: compose_write.c --- */
/* Writes what differs, and takes the rows away.  *changed: entries. */
int compose_write(struct compose_batch *b, uint64_t *changed, struct err *e);
/* Takes the rows away, less the entries from looked_at on. */
int compose_done(struct compose_batch *b, struct err *e);

/* --- entries that cannot be composed: compose_aside.c --- */
/* The first entry of a batch that was taken waits for COMPOSE_ASIDE_S, in its
 * row of the queue, and the others of its batch are queued again.  why: what is
 * logged. */
int
compose_aside(struct compose_batch *b, const struct err *why, struct err *e);
/* Those that wait so are tried again now; those that wait so to be made
 * findable, too. */
int compose_wake(struct work *w, struct err *e);
/* Writes down how many there are, for operators (sheaf.resolving.said). */
int compose_tell_aside(struct work *w, struct err *e);

#endif
