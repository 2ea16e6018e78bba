/* The configuration with the vocabularies that it names. */
#ifndef SHEAF_BIN_CONFIG_OPEN_H
#define SHEAF_BIN_CONFIG_OPEN_H

#include "config/config.h"

/* config_read(), then the tables compiled, as a sealed descriptor, and what is
 * only known with them: whether there is such a language (keep).  NULL, and
 * *rules_fd as it was, when there was a mistake. */
struct config *
config_open(const char *path, int *rules_fd, struct buf *mistakes);

#endif
