/* The steps that are functions of the database; see resolve/upkeep.h. */
#include "resolve/upkeep.h"

enum { ENTRIES_AT_ONCE = 1000 };

static const char index_some[] = "select sheaf.index_some($1::integer)";
static const char count_some[] = "select sheaf.count_some($1::integer)";
static const char *const steps[] = {index_some, count_some};

static int
one(struct work *w, const char *sql, uint64_t *done, struct err *e)
{
	struct db_params q;
	struct db_result *r;

	db_params_init(&q);
	db_put_i32(&q, ENTRIES_AT_ONCE);
	r = db_work(w->db, sql, &q, e);
	if (r == NULL)
		return -1;
	*done += (uint64_t)db_i32(r, 0, 0);
	db_result_free(r);
	return 0;
}

int
upkeep_step(struct work *w, uint64_t *done, struct err *e)
{
	*done = 0;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		if (one(w, steps[i], done, e) < 0) {
			err_prefix(e, "%s",
			    steps[i] == index_some
				? "entries cannot be made findable"
				: "the matrix cannot be counted");
			return -1;
		}
	}
	return 0;
}
