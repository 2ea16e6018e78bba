/* The source tree's vocabularies (conf/vocab), for tests and fuzz targets. */
#ifndef SHEAF_TESTS_TABLES_H
#define SHEAF_TESTS_TABLES_H

#include "base/buf.h"
#include "crosswalk/rules.h"

struct xwalk_set;

/* SHEAF_TOP/conf/vocab compiled, once; ends the program where it is not. */
const struct rules *tables_rules(void);

/* SHEAF_TOP/conf/crosswalks, likewise. */
const struct xwalk_set *tables_walks(void);
/* Their texts, as xwalk_pack() writes them. */
void tables_walk_texts(struct buf *out);

#endif
