/* Where the crosswalks are, and how they come to the parser. */
#ifndef SHEAF_BIN_CROSSWALK_DIR_H
#define SHEAF_BIN_CROSSWALK_DIR_H

#include "base/buf.h"
#include "crosswalk/xwalk.h"

/* As vocab_dir(). */
const char *crosswalk_dir(const char *asked);

/* The directory's texts, after a preview where there is one (a file, or NULL),
 * as a sealed memfd that crosswalk_dir_take() reads; -1 with mistakes.  set:
 * what they compile to, to be freed; NULL: it is not wanted. */
int crosswalk_dir_open(const char *dir, const char *preview,
    struct xwalk_set **set, struct buf *mistakes);
/* Such a descriptor compiled; NULL with mistakes.  It may be closed then. */
struct xwalk_set *crosswalk_dir_take(int fd, struct buf *mistakes);

#endif
