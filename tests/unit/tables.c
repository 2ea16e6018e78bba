#include "tables.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "crosswalk/rules_compile.h"

const struct rules *
tables_rules(void)
{
	static const struct rules *rules;
	static struct buf block;
	const char *top = getenv("SHEAF_TOP");
	struct buf mistakes;
	struct err e;
	char dir[4096];

	if (rules != NULL)
		return rules;
	snprintf(dir, sizeof(dir), "%s/conf/vocab", top ? top : SHEAF_SRCDIR);
	buf_init(&block, LIMIT_RULES_BYTES);
	buf_init(&mistakes, 64 * KIB);
	if (rules_compile(dir, &block, &mistakes) == 0)
		rules = rules_open(block.data, block.len, &e);
	if (rules == NULL) {
		fprintf(
		    stderr, "%s: not compiled:\n%s", dir, buf_str(&mistakes));
		exit(EXIT_FAILURE);
	}
	buf_release(&mistakes);
	return rules;
}
