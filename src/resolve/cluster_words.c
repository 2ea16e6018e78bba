/* Why two records are not one entry, for people. */
#include <math.h>
#include <inttypes.h>

#include "base/err.h"
#include "base/limits.h"
#include "resolve/cluster.h"
#include "resolve/parameters.h"

const char *
clusters_reason_name(enum clusters_reason r)
{
	static const char *const names[CLUSTERS_REASONS] = {
	    "joined", "family", "curated", "average", "cannot", "size"};

	BUG_ON(r >= CLUSTERS_REASONS);
	return names[r];
}

/* "records 12 and 34" */
static void
add_both(struct buf *out, const struct clusters_input *in,
    const struct clusters_refusal *r)
{
	bool by = r->by_a != SIZE_MAX;
	uint64_t a = in->records[by ? r->by_a : r->a].record_id,
		 b = in->records[by ? r->by_b : r->b].record_id;

	buf_printf(out, "records %" PRIu64 " and %" PRIu64, a < b ? a : b,
	    a < b ? b : a);
}

void
clusters_refusal_words(struct buf *out, const struct clusters_input *in,
    const struct clusters_refusal *r, const char *source)
{
	switch (r->reason) {
	case CLUSTERS_FAMILY:
		add_both(out, in, r);
		buf_adds(out, " are of different families, which are linked "
			      "but never one");
		break;
	case CLUSTERS_CURATED:
		add_both(out, in, r);
		buf_printf(out,
		    " are both of %s%s, which holds each thing once",
		    source != NULL ? "the source " : "one source",
		    source != NULL ? source : "");
		break;
	case CLUSTERS_AVERAGE:
		buf_printf(out,
		    "the two groups as a whole score %.2f on average, where "
		    "%.2f is asked; ",
		    r->mean, PARAMETER.average_least);
		add_both(out, in, r);
		buf_adds(out, " agree least");
		break;
	case CLUSTERS_CANNOT:
		add_both(out, in, r);
		buf_adds(out, " are different: an operator said so");
		break;
	case CLUSTERS_SIZE:
		buf_printf(out,
		    "more than %zu records are connected here, so that only "
		    "pairs of a higher score are joined",
		    LIMIT_CLUSTER_RECORDS);
		break;
	default:
		buf_adds(out, "they are one");
	}
}
