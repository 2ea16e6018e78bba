/* The vocabularies as store writes them to the database: a JSON array of
 * {scheme, code, parents, alpha2, m49, labels}. */
#ifndef SHEAF_BIN_SHEAFD_VOCABULARY_H
#define SHEAF_BIN_SHEAFD_VOCABULARY_H

#include "bin/sheafd.h"

/* Tells store of d->rules_fds[0]. */
void vocabulary_tell(struct daemon *d);

#endif
