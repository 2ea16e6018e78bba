#include "tables.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "crosswalk/rules_compile.h"
#include "crosswalk/xwalk.h"

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

void
tables_walk_texts(struct buf *out)
{
	const char *top = getenv("SHEAF_TOP");
	struct buf mistakes;
	char dir[4096];

	snprintf(
	    dir, sizeof(dir), "%s/conf/crosswalks", top ? top : SHEAF_SRCDIR);
	buf_init(&mistakes, 64 * KIB);
	if (xwalk_pack_dir(out, dir, &mistakes) != 0) {
		fprintf(stderr, "%s: not read:\n%s", dir, buf_str(&mistakes));
		exit(EXIT_FAILURE);
	}
	buf_release(&mistakes);
}

const struct xwalk_set *
tables_walks(void)
{
	static struct xwalk_set *walks;
	struct buf texts, mistakes;

	if (walks != NULL)
		return walks;
	buf_init(&texts, XWALK_PACK_BYTES);
	buf_init(&mistakes, 64 * KIB);
	tables_walk_texts(&texts);
	walks = xwalk_compile(texts.data, texts.len, &mistakes);
	if (walks == NULL) {
		fprintf(stderr, "crosswalks: not compiled:\n%s",
		    buf_str(&mistakes));
		exit(EXIT_FAILURE);
	}
	buf_release(&texts);
	buf_release(&mistakes);
	return walks;
}
