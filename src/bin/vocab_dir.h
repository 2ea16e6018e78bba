/* Where the vocabularies' tables are, and what they are compiled to. */
#ifndef SHEAF_BIN_VOCAB_DIR_H
#define SHEAF_BIN_VOCAB_DIR_H

#include "base/buf.h"
#include "base/err.h"
#include "crosswalk/rules.h"

enum { DIR_BYTES = 4096 };
/* A directory beside the program ("/vocab"), as a build tree has it; else
 * NULL. */
const char *dir_beside(char path[DIR_BYTES], const char *name);
/* A sealed memfd of those bytes, or -1. */
int dir_seal(const struct buf *block);

/* The directory that is asked for, or where that is NULL or "" the one beside
 * the program (a build tree has it there), else the installed one.  Static
 * storage until the next call. */
const char *vocab_dir(const char *asked);

/* The compiled tables as a sealed memfd, or -1 with mistakes. */
int vocab_dir_open(const char *dir, struct buf *mistakes);
/* Such a descriptor mapped, or NULL.  It may be closed then. */
const struct rules *vocab_dir_map(int fd, struct err *e);
void vocab_dir_unmap(const struct rules *rules);

#endif
