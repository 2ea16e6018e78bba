/* Pairs of records: scored, and written to sheaf.match and sheaf.relation. */
#ifndef SHEAF_RESOLVE_JUDGE_H
#define SHEAF_RESOLVE_JUDGE_H

#include "base/buf.h"
#include "resolve/score.h"
#include "resolve/work.h"

struct judged {
	int64_t a, b; /* a < b */
	struct score score;
	size_t evidence, evidence_len; /* in text */
};

struct judge {
	struct work *work;
	struct judged *items; /* worth a row */
	size_t count, cap;
	struct buf text;
};

void judge_init(struct judge *j, struct work *w);
void judge_release(struct judge *j);
/* Scores two profiles; kept if an operator may be asked, or they are related.
 */
void
judge_pair(struct judge *j, const struct profile *x, const struct profile *y);
/* Writes what was kept if it is much: after each pair, for a title that a
 * thousand records share makes half a million. */
int judge_spill(struct judge *j, struct err *e);
/* Writes what was kept, in the caller's transaction; what an operator decided
 * stays. */
int judge_write(struct judge *j, struct err *e);
/* Which verdict a score is as long as nobody has looked at its cluster. */
const char *judge_verdict(const struct score *s);

#endif
