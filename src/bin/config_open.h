/* The configuration with the vocabularies and crosswalks that it names. */
#ifndef SHEAF_BIN_CONFIG_OPEN_H
#define SHEAF_BIN_CONFIG_OPEN_H

#include "config/config.h"

/* config_read(), then the tables compiled and the crosswalks checked, as the
 * sealed descriptors of PARSE_RULES, and what is only known with them: whether
 * there is such a language (keep), sector or country (covers), such a
 * crosswalk.  NULL, and rules_fds as they were, when there was a mistake. */
struct config *
config_open(const char *path, int rules_fds[2], struct buf *mistakes);

/* The tables of a configuration that was read; preview: the file of a crosswalk
 * that stands for the one of its name and is asked first, or NULL. */
int config_open_tables(const struct config *c, const char *preview,
    int rules_fds[2], struct buf *mistakes);

#endif
