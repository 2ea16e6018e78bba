/*
 * The tables of conf/vocab to the block that rules.h looks things up in.
 *
 * Two layouts, told apart by the names of the columns (crosswalk/table.h):
 *
 *   scheme code parent label language alternative
 *	what a vocabulary or any other classification consists of.  A code may
 *	have several lines, one a language.  parent: broader codes between |,
 *	of this scheme unless written SCHEME:CODE.  alternative: further labels
 *	between |.
 *   vocabulary scheme term code
 *	what a term of a scheme is in a vocabulary; several codes between |.
 *	scheme label: words that people write; keyword: words within a text;
 *	prefix: what addresses begin with.  A term that ends in * is the
 *	beginning of codes.
 *
 * A classification's code without a line of its own in the second layout is
 * what its broader code is; its labels are what its code is.  In a vocabulary
 * a term's own line wins over a label, a label over that of a classification,
 * and all of them over what is alike only without diacritics.  Of two files the
 * later one wins; two lines of one file that disagree are a mistake, but of
 * labels that stand for several codes the first one holds.
 */
#ifndef SHEAF_CROSSWALK_RULES_COMPILE_H
#define SHEAF_CROSSWALK_RULES_COMPILE_H

#include "base/buf.h"

struct rules_build;

/* Every mistake becomes a line in `mistakes`, see crosswalk/table.h. */
struct rules_build *rules_build_new(struct buf *mistakes);
void rules_build_free(struct rules_build *b);
/* One table; `file` is its name in mistakes. */
void rules_build_table(
    struct rules_build *b, const char *file, const char *data, size_t n);
/* All files DIR/X.tsv, by their names. */
void rules_build_dir(struct rules_build *b, const char *dir);
/* Appends the block to `block`; -1 where there was a mistake. */
int rules_build_end(struct rules_build *b, struct buf *block);

/* A directory's tables to a block: 0, or -1 with mistakes. */
int rules_compile(const char *dir, struct buf *block, struct buf *mistakes);

#endif
