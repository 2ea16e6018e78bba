/* sheafctl init */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "bin/sheafctl.h"
#include "db/init.h"
#include "db/version.h"

static int
read_password(struct init_role *role, const char *path, struct err *e)
{
	char *text;

	if (ctl_password_read(&text, path, e) != 0)
		return -1;
	role->password = text;
	return 0;
}

static void
forget(struct init_role *role)
{
	ctl_password_free((char *)(uintptr_t)role->password);
}

static int
fill(struct init_options *o, const struct config *c, struct err *e)
{
	o->create_database = c->embedded;
	o->store.name = c->store_user;
	o->resolve.name = c->resolve_user;
	o->reader.name = c->reader_user;
	o->serve.name = c->serve_user;
	o->operator.name = c->operator_user;
	o->reader_timeout_ms = c->reader_timeout_ms;
	o->reader_idle_timeout_ms = c->reader_idle_timeout_ms;
	if (read_password(&o->store, c->store_password_file, e) != 0 ||
	    read_password(&o->resolve, c->resolve_password_file, e) != 0)
		return -1;
	if (read_password(&o->reader, c->reader_password_file, e) != 0 ||
	    read_password(&o->serve, c->serve_password_file, e) != 0)
		return -1;
	return read_password(&o->operator, c->operator_password_file, e);
}

static int
init(const struct verb_ctx *ctx, struct init_options *o, struct err *e)
{
	bool started = false;
	int rc;

	if (verb_option(ctx, "print-sql") != NULL)
		return init_print(o, 0, stdout, e);
	if (ctl_cluster_start(ctx->config, &started, e) != 0)
		return -1;
	o->connection = ctl_connection(ctx->config);
	rc = init_run(o, ctx->json ? NULL : stdout, e);
	if (rc == 0)
		printf(ctx->json ? "{\"schema_version\":%d}\n"
				 : "the schema has version %d\n",
		    DB_SCHEMA_VERSION);
	if (started)
		ctl_cluster_stop();
	return rc;
}

static int
run(struct verb_ctx *ctx)
{
	struct init_options o = {0};
	struct err e = {0};
	int rc = fill(&o, ctx->config, &e);

	if (rc == 0)
		rc = init(ctx, &o, &e);
	if (rc != 0)
		verb_complain(
		    strstr(e.text, "permission denied") != NULL
			? "a database administrator runs what sheafctl init "
			  "--print-sql prints"
			: NULL,
		    "%s", e.text);
	forget(&o.store);
	forget(&o.resolve);
	forget(&o.reader);
	forget(&o.serve);
	forget(&o.operator);
	return rc == 0 ? EX_OK : EX_UNAVAILABLE;
}

static const struct verb_option options[] = {
    {"print-sql", NULL, "print what would be run, for psql; connect nowhere"},
    {0},
};

const struct verb verb_init = {
    .name = "init",
    .operands = "",
    .summary = "makes or upgrades the schema and the database roles",
    .help = "It may be run again at any time.  It connects as the user of "
	    "`connection`, who\nmay create roles and schemas; an embedded "
	    "database is made where there is none.",
    .needs = VERB_CONFIG,
    .options = options,
    .run = run,
};
