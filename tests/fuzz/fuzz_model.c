/* The parts of a model as they come from the database, parted by "PART": what
 * is taken gives the same bytes again. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "resolve/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_again(struct model *m)
{
	struct model *again = model_new();
	struct buf a, b;
	struct err e = {0};

	buf_init(&a, LIMIT_MODEL_PART);
	buf_init(&b, LIMIT_MODEL_PART);
	for (uint32_t i = 0; model_part(&a, m, i) == 1; i++) {
		BUG_ON(a.full);
		BUG_ON(model_load_part(again, i, a.data, a.len, &e) < 0);
	}
	BUG_ON(model_ready(again, &e) < 0);
	for (uint32_t i = 0; model_part(&a, m, i) == 1; i++) {
		BUG_ON(model_part(&b, again, i) != 1);
		BUG_ON(a.len != b.len || memcmp(a.data, b.data, a.len) != 0);
	}
	buf_release(&a);
	buf_release(&b);
	model_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct model *m = model_new();
	struct err e = {0};
	const uint8_t *end = data + n;
	int rc = 0;

	for (uint32_t i = 0; rc == 0; i++) {
		const uint8_t *cut =
		    memmem(data, (size_t)(end - data), "PART", 4);

		rc = model_load_part(
		    m, i, data, (size_t)((cut ? cut : end) - data), &e);
		if (!cut)
			break;
		data = cut + 4;
	}
	BUG_ON(rc < 0 && e.class == ERR_NONE);
	if (rc == 0 && model_ready(m, &e) == 0)
		check_again(m);
	model_free(m);
	return 0;
}
