/* A table of vocabularies as anybody may have left it: a block that is sound,
 * or mistakes in words; never both, never neither.  And a block from anywhere:
 * refused, or nothing beyond it is read. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "crosswalk/rules_block.h"
#include "crosswalk/rules_compile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
look_up(const struct rules *r, const char *text)
{
	const char *local;
	struct rules_hit hit;

	for (int v = 0; v < RULES_VOCABS; v++) {
		rules_find(r, (enum rules_vocab)v, rules_label, text, &hit);
		rules_find(r, (enum rules_vocab)v, "x", text, &hit);
		for (size_t i = 0; i < rules_count(r, (enum rules_vocab)v);
		     i++) {
			struct rules_thing t;
			struct rules_name name;

			rules_thing(r, (enum rules_vocab)v, i, &t);
			for (size_t k = 0; k < t.name_count; k++)
				rules_name(r, t.name_first + k, &name);
		}
	}
	rules_concept(r, text, &local);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf block, mistakes;
	struct rules_build *b;
	struct err e;
	char *copy = xstrndup((const char *)data, n);

	buf_init(&block, LIMIT_RULES_BYTES);
	buf_init(&mistakes, MIB);
	b = rules_build_new(&mistakes);
	rules_build_table(b, "x.tsv", (const char *)data, n);
	if (rules_build_end(b, &block) == 0) {
		const struct rules *r = rules_open(block.data, block.len, &e);

		BUG_ON(r == NULL || mistakes.len != 0);
		look_up(r, copy);
	} else
		BUG_ON(mistakes.len == 0 ||
		       !utf8_valid(mistakes.data, mistakes.len));
	rules_build_free(b);
	if (n >= sizeof(struct rules)) {
		const struct rules *r = rules_open(copy, n, &e);

		if (r != NULL)
			look_up(r, "x");
	}
	buf_release(&block);
	buf_release(&mistakes);
	free(copy);
	return 0;
}
