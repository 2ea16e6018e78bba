/* What the files of sheafctl share. */
#ifndef SHEAF_BIN_SHEAFCTL_H
#define SHEAF_BIN_SHEAFCTL_H

#include "base/err.h"
#include "base/verb.h"
#include "config/config.h"

/* A connection for reading, to the server of the configuration or to the
 * embedded cluster, which is started when it is idle and stopped again by
 * ctl_database_close. */
int ctl_database_open(struct verb_ctx *ctx, struct err *e);
void ctl_database_close(struct verb_ctx *ctx);

/* Starts an idle embedded cluster; `started` says whether we did.  0 or -1.
 * Nothing is done where the configuration names a server. */
int ctl_cluster_start(const struct config *c, bool *started, struct err *e);
void ctl_cluster_stop(void);
/* libpq's connection string, with the rights of the string's own user;
 * static storage. */
const char *ctl_connection(const struct config *c);

/* A role's password from its file; NULL where none is named.  0 or -1.  Free
 * it with ctl_password_free. */
int ctl_password_read(char **password, const char *path, struct err *e);
void ctl_password_free(char *password);

extern const struct verb verb_init;
extern const struct verb verb_parse;

#endif
