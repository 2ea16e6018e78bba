/* What the files of sheafctl share. */
#ifndef SHEAF_BIN_SHEAFCTL_H
#define SHEAF_BIN_SHEAFCTL_H

#include "base/err.h"
#include "base/verb.h"
#include "config/config.h"
#include "record/stream.h"

/* A connection for reading, to the server of the configuration or to the
 * embedded cluster, which is started when it is idle and stopped again by
 * ctl_database_close. */
int ctl_database_open(struct verb_ctx *ctx, struct err *e);
void ctl_database_close(struct verb_ctx *ctx);
/* Runs f with such a connection in ctx->db: its exit code, or one after a
 * message. */
int ctl_with_database(struct verb_ctx *ctx, int (*f)(struct verb_ctx *ctx));

/* Starts an idle embedded cluster; `started` says whether we did.  0 or -1.
 * Nothing is done where the configuration names a server. */
int ctl_cluster_start(const struct config *c, bool *started, struct err *e);
void ctl_cluster_stop(void);
/* libpq's connection string, with the rights of the string's own user;
 * static storage. */
const char *ctl_connection(const struct config *c);

/* The same without a user, for a role of the configuration.  The caller's; NULL
 * and e. */
char *ctl_connection_as(const struct config *c, struct err *e);

/* A role's password from its file; NULL where none is named.  0 or -1.  Free
 * it with ctl_password_free. */
int ctl_password_read(char **password, const char *path, struct err *e);
void ctl_password_free(char *password);

/* Runs sheaf-parse on a body, with these options (argv[0] is left free for its
 * name, NULL ends them), and reads its stream.  0, or -1 and e when the stream
 * is broken; *status is what waitpid(2) says. */
int ctl_parser_read(char **argv, int body, uint64_t body_bytes,
    const struct stream_ops *ops, void *arg, int *status, struct err *e);
/* The same, where anything but a whole stream is an error. */
int ctl_parser_run(char **argv, int body, uint64_t body_bytes,
    const struct stream_ops *ops, void *arg, struct err *e);

extern const struct verb verb_explain;
extern const struct verb verb_init;
extern const struct verb verb_parse;
extern const struct verb verb_renormalise;
extern const struct verb verb_resolve;
extern const struct verb verb_unmapped;

#endif
