/* How the ids and links of a feed's items go together, in bounded memory: what
 * facts_feed says of identity. */
#ifndef SHEAF_PARSE_FEED_IDS_H
#define SHEAF_PARSE_FEED_IDS_H

#include "record/feed.h"

/* A set of keys, each with the value it came with first. */
struct feed_pairs {
	struct feed_pair *slots; /* a power of two, at most half of them full */
	size_t cap, count;
};

struct feed_ids {
	uint64_t items, without_id, with_link;
	uint64_t ids_repeated, links_repeated; /* as facts_feed has them */
	struct feed_pairs links_of_id, ids_of_link, titles_of_both;
};

void feed_ids_init(struct feed_ids *s);
void feed_ids_release(struct feed_ids *s);
/* One live item; beyond LIMIT_FEED_IDS they are passed over. */
void feed_ids_add(struct feed_ids *s, const struct feed_identity *id);
void feed_ids_facts(const struct feed_ids *s, struct facts_feed *f);

#endif
