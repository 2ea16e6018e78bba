/* The bytes of a profile as the database gives them back.  What is taken has
 * the same bytes again, and a score with itself. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "resolve/score.h"
#include "resolve_talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
compare_with_itself(struct profile *p)
{
	struct model *m = talk_model(1000);
	struct profile again;
	struct score s, t;
	struct buf text;

	profile_prepare(p, m);
	again = *p;
	again.record_id++;
	score_pair(&s, p, &again, m);
	score_pair(&t, &again, p, m);
	BUG_ON(s.hundredths != t.hundredths);
	buf_init(&text, MIB);
	score_json(&text, &s);
	score_words(&text, &s);
	BUG_ON(text.full);
	buf_release(&text);
	talk_free(m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct profile p;
	struct arena a;
	struct buf bytes, again;
	struct err e;

	arena_init(&a, 0);
	if (profile_decode(&p, &a, 1, 1, data, n, &e) == 0) {
		buf_init(&bytes, LIMIT_PROFILE_BYTES);
		buf_init(&again, LIMIT_PROFILE_BYTES);
		profile_encode(&bytes, &p);
		BUG_ON(bytes.full);
		BUG_ON(profile_decode(&p, &a, 1, 1, bytes.data, bytes.len, &e) <
		       0);
		profile_encode(&again, &p);
		BUG_ON(again.len != bytes.len ||
		       memcmp(again.data, bytes.data, again.len) != 0);
		compare_with_itself(&p);
		buf_release(&bytes);
		buf_release(&again);
	}
	arena_release(&a);
	return 0;
}
