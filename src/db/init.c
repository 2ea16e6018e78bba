/* sheafctl init; see db/init.h. */
#include "db/init.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"
#include "db/migrate.h"
#include "db/sync.h"

/* Any number that nobody else locks: two inits wait for each other. */
#define INIT_LOCK "7306366"

static const char bootstrap[] =
    "create schema if not exists sheaf;\n"
    "create schema if not exists registry;\n"
    "comment on schema sheaf is 'Sheaf''s own tables; portals read schema "
    "registry.';\n"
    "comment on schema registry is 'The registry: views and functions that "
    "portals may rely on.';\n"
    "create table if not exists sheaf.schema_version (\n"
    "\tversion integer primary key,\n"
    "\tname text not null,\n"
    "\tchecksum text not null,\n"
    "\tapplied_at timestamptz not null default now()\n"
    ");\n"
    "comment on table sheaf.schema_version is 'The migrations that were "
    "applied; the highest number is the schema''s version.';\n"
    "comment on column sheaf.schema_version.version is 'Number of the "
    "migration.';\n"
    "comment on column sheaf.schema_version.name is 'Its file.';\n"
    "comment on column sheaf.schema_version.checksum is 'SHA-256 of the "
    "file.';\n"
    "comment on column sheaf.schema_version.applied_at is 'When it was "
    "applied.';\n";

/* Trusted extensions: the database's owner may create them. */
static const char extensions[] =
    "do $$\n"
    "declare\n"
    "\tx text;\n"
    "begin\n"
    "\tforeach x in array array['pg_trgm', 'unaccent'] loop\n"
    "\t\tif exists (select from pg_catalog.pg_available_extensions where name "
    "= x)\n"
    "\t\tand not exists (select from pg_catalog.pg_extension where extname = "
    "x) then\n"
    "\t\t\texecute format('create extension %I', x);\n"
    "\t\tend if;\n"
    "\tend loop;\n"
    "end\n"
    "$$;\n";

const char *
init_sql_dir(void)
{
	const char *dir = getenv("SHEAF_SQL_DIR");

	return dir != NULL && *dir != '\0' ? dir : SHEAF_DATADIR "/sql";
}

/* --- texts --- */
enum { ROLES = 5 };

/* What stands for a placeholder, as a literal ('), as a name ("), or as it is
 * (0). */
struct place {
	const char *placeholder, *text;
	char quote;
};

struct role {
	struct place place;
	const char *password;
	bool reads; /* the registry, and nothing else */
};

static void
roles_of(struct role out[ROLES], const struct init_options *o)
{
	const struct init_role *given[ROLES] = {
	    &o->store, &o->resolve, &o->reader, &o->serve, &o->operator};
	static const char *const names[ROLES] = {"sheaf_store", "sheaf_resolve",
	    "sheaf_reader", "sheaf_serve", "sheaf_operator"};
	static const char *const places[ROLES] = {
	    "@store@", "@resolve@", "@reader@", "@serve@", "@operator@"};

	for (size_t i = 0; i < ROLES; i++) {
		const char *name = given[i]->name;

		if (name == NULL || *name == '\0')
			name = names[i];
		out[i].place = (struct place){places[i], name, '"'};
		out[i].password = given[i]->password;
		out[i].reads = given[i] == &o->reader || given[i] == &o->serve;
	}
}

static void
quote(struct buf *out, const char *s, char q)
{
	buf_addc(out, q);
	for (; *s != '\0'; s++) {
		if (*s == q)
			buf_addc(out, q);
		buf_addc(out, *s);
	}
	buf_addc(out, q);
}

/* A literal whatever standard_conforming_strings says. */
static void
quote_literal(struct buf *out, const char *s)
{
	if (strchr(s, '\\') != NULL)
		buf_addc(out, 'E');
	buf_addc(out, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '\'' || *s == '\\')
			buf_addc(out, *s);
		buf_addc(out, *s);
	}
	buf_addc(out, '\'');
}

/* Copies sql, putting texts for placeholders. */
static void
expand(struct buf *out, const char *sql, const struct place *places, size_t n)
{
	while (*sql != '\0') {
		const struct place *p = places;

		while (p < places + n && !str_starts(sql, p->placeholder))
			p++;
		if (p == places + n) {
			buf_addc(out, *sql++);
			continue;
		}
		if (p->quote == '\'')
			quote_literal(out, p->text);
		else if (p->quote != '\0')
			quote(out, p->text, p->quote);
		else
			buf_adds(out, p->text);
		sql += strlen(p->placeholder);
	}
}

static void
add_password(struct buf *out, const struct role *role, bool secrets)
{
	buf_adds(out, secrets ? "alter role " : "-- alter role ");
	quote(out, role->place.text, '"');
	buf_adds(out, " password ");
	quote_literal(out, secrets ? role->password : "…");
	buf_adds(out, ";\n");
}

/* `secrets`: with passwords, which are not for print-sql. */
static int
add_roles(
    struct buf *out, const struct init_options *o, bool secrets, struct err *e)
{
	char *sql = sql_file_read(init_sql_dir(), "roles.sql", e);
	char *limits =
	    sql == NULL ? NULL : sql_file_read(init_sql_dir(), "reader.sql", e);
	struct role roles[ROLES];
	char timeout[24], idle[24];

	snprintf(timeout, sizeof(timeout), "%" PRId64, o->reader_timeout_ms);
	snprintf(idle, sizeof(idle), "%" PRId64, o->reader_idle_timeout_ms);
	roles_of(roles, o);
	for (size_t i = 0; limits != NULL && i < ROLES; i++) {
		const char *name = roles[i].place.text;
		const struct place places[] = {{"@role@", name, '\''},
		    {"@name@", name, '"'}, {"@timeout@", timeout, 0},
		    {"@idle@", idle, 0}};

		expand(out, sql, places, 4);
		if (roles[i].reads)
			expand(out, limits, places, 4);
		if (roles[i].password != NULL)
			add_password(out, &roles[i], secrets);
	}
	free(limits);
	free(sql);
	return limits == NULL ? -1 : 0;
}

static int
add_registry(struct buf *out, struct err *e)
{
	char *dir = xasprintf("%s/registry", init_sql_dir());
	char **names = sql_names(dir, e);
	int rc = names == NULL ? -1 : 0;

	for (size_t i = 0; rc == 0 && names[i] != NULL; i++) {
		char *sql = sql_file_read(dir, names[i], e);

		if (sql == NULL)
			rc = -1;
		else
			buf_adds(out, sql);
		free(sql);
	}
	sql_names_free(names);
	free(dir);
	return rc;
}

static int
add_grants(struct buf *out, const struct init_options *o, struct err *e)
{
	char *sql = sql_file_read(init_sql_dir(), "grants.sql", e);
	struct role roles[ROLES];
	struct place places[ROLES];

	if (sql == NULL)
		return -1;
	roles_of(roles, o);
	for (size_t i = 0; i < ROLES; i++)
		places[i] = roles[i].place;
	expand(out, sql, places, ROLES);
	free(sql);
	return 0;
}

static void
add_migration(struct buf *out, const struct migration *m)
{
	buf_adds(out, m->sql);
	buf_printf(out,
	    "insert into sheaf.schema_version (version, name, checksum)\n"
	    "values (%d, '%s', '%s');\n",
	    m->version, m->name, m->checksum);
}

int
init_print(const struct init_options *o, int from, FILE *out, struct err *e)
{
	struct migrations m;
	struct buf b;
	int rc = migrations_read(&m, init_sql_dir(), e);

	buf_init(&b, 16 * MIB);
	buf_adds(&b,
	    "-- Run this with psql in the database that Sheaf shall live in, "
	    "as a role that\n-- owns it and may create roles.\n"
	    "\\set ON_ERROR_STOP on\nbegin;\nset local client_min_messages = "
	    "warning;\n");
	buf_adds(&b, bootstrap);
	for (size_t i = 0; rc == 0 && i < m.count; i++) {
		if (m.items[i].version > from)
			add_migration(&b, &m.items[i]);
	}
	buf_adds(&b, extensions);
	if (rc == 0)
		rc = add_roles(&b, o, false, e);
	if (rc == 0)
		rc = add_registry(&b, e);
	if (rc == 0)
		rc = add_grants(&b, o, e);
	buf_adds(&b, "commit;\n");
	if (rc == 0 && fwrite(b.data, 1, b.len, out) != b.len)
		rc = err_sys(e, "writing SQL");
	buf_release(&b);
	migrations_release(&m);
	return rc;
}

/* --- doing it --- */
static int
exec_in_transaction(struct db_sync *c, const char *sql, struct err *e)
{
	struct err ignored;

	if (db_exec_sync(c,
		"begin; set local client_min_messages = warning; "
		"set local search_path = pg_catalog",
		e) == 0 &&
	    db_exec_sync(c, sql, e) == 0 && db_exec_sync(c, "commit", e) == 0)
		return 0;
	db_exec_sync(c, "rollback", &ignored);
	return -1;
}

static int
make_database(const struct init_options *o, FILE *report, struct err *e)
{
	char *conninfo = xasprintf("%s dbname=postgres", o->connection);
	struct db_sync *c = db_connect_sync(conninfo, NULL, NULL, e);
	struct db_rows *r;
	int rc = 0;

	free(conninfo);
	if (c == NULL)
		return -1;
	r = db_query_sync(
	    c, "select from pg_database where datname = 'sheaf'", 0, NULL, e);
	if (r == NULL) {
		rc = -1;
	} else if (db_rows_count(r) == 0) {
		if (report != NULL)
			fputs("creates the database sheaf\n", report);
		rc = db_exec_sync(c,
		    "create database sheaf template template0 encoding 'UTF8'",
		    e);
	}
	db_rows_free(r);
	db_close_sync(c);
	return rc;
}

static int
check_database(struct db_sync *c, struct err *e)
{
	struct db_rows *r = db_query_sync(c,
	    "select pg_encoding_to_char(encoding), current_setting("
	    "'server_version_num') from pg_database where datname = "
	    "current_database()",
	    0, NULL, e);
	int rc = 0;

	if (r == NULL)
		return -1;
	if (strcmp(db_rows_get(r, 0, 0), "UTF8") != 0)
		rc = err_set(e, ERR_DB, 0,
		    "the database's encoding is %s, and Sheaf needs UTF8",
		    db_rows_get(r, 0, 0));
	else if (atoi(db_rows_get(r, 0, 1)) < 150000)
		rc =
		    err_set(e, ERR_DB, 0, "Sheaf needs PostgreSQL 15 or later");
	db_rows_free(r);
	return rc;
}

/* Applied migrations must be those that we have. */
static int
check_applied(struct db_sync *c, const struct migrations *m, struct err *e)
{
	struct db_rows *r = db_query_sync(c,
	    "select version, checksum from sheaf.schema_version order by 1", 0,
	    NULL, e);
	int applied = 0, rc = 0;

	if (r == NULL)
		return -1;
	for (int i = 0; rc == 0 && i < db_rows_count(r); i++) {
		applied = atoi(db_rows_get(r, i, 0));
		if (applied < 1 || (size_t)applied > m->count)
			rc = db_check_schema(applied, e);
		else if (strcmp(db_rows_get(r, i, 1),
			     m->items[applied - 1].checksum) != 0)
			rc = err_set(e, ERR_DB, 0,
			    "migration %s is not the one that was applied to "
			    "this database; the programs and %s do not belong "
			    "together",
			    m->items[applied - 1].name, init_sql_dir());
	}
	db_rows_free(r);
	return rc < 0 ? -1 : applied;
}

static int
migrate(struct db_sync *c, FILE *report, struct err *e)
{
	struct migrations m;
	struct buf b;
	int rc = migrations_read(&m, init_sql_dir(), e);
	int applied = rc < 0 ? -1 : check_applied(c, &m, e);

	buf_init(&b, 8 * MIB);
	for (size_t i = 0; applied >= 0 && i < m.count; i++) {
		if (m.items[i].version <= applied)
			continue;
		if (report != NULL)
			fprintf(report, "applies %s\n", m.items[i].name);
		buf_clear(&b);
		add_migration(&b, &m.items[i]);
		if (exec_in_transaction(c, buf_str(&b), e) < 0) {
			err_prefix(e, "%s", m.items[i].name);
			applied = -1;
		}
	}
	buf_release(&b);
	migrations_release(&m);
	return applied < 0 ? -1 : 0;
}

static int
finish(struct db_sync *c, const struct init_options *o, struct err *e)
{
	struct buf b;
	int rc;

	buf_init(&b, 8 * MIB);
	rc = add_roles(&b, o, true, e);
	if (rc == 0 && (rc = exec_in_transaction(c, buf_str(&b), e)) < 0 &&
	    !strcmp(db_sqlstate_sync(c), "42501"))
		err_prefix(e, "roles cannot be made by this user; let a "
			      "database administrator run the output of "
			      "`sheafctl init --print-sql`");
	buf_clear(&b);
	if (rc == 0)
		rc = add_registry(&b, e);
	if (rc == 0)
		rc = add_grants(&b, o, e);
	if (rc == 0)
		rc = exec_in_transaction(c, buf_str(&b), e);
	buf_release(&b);
	return rc;
}

int
init_run(const struct init_options *o, FILE *report, struct err *e)
{
	struct db_sync *c;
	char *conninfo;
	int rc;

	if (o->create_database && make_database(o, report, e) < 0)
		return err_prefix(e, "cannot make the database");
	conninfo = o->create_database
		       ? xasprintf("%s dbname=sheaf", o->connection)
		       : xstrdup(o->connection);
	c = db_connect_sync(conninfo, NULL, NULL, e);
	free(conninfo);
	if (c == NULL)
		return -1;
	rc = check_database(c, e);
	if (rc == 0)
		rc = db_exec_sync(
		    c, "select pg_advisory_lock(" INIT_LOCK ")", e);
	if (rc == 0)
		rc = exec_in_transaction(c, bootstrap, e);
	if (rc == 0)
		rc = migrate(c, report, e);
	if (rc == 0)
		rc = exec_in_transaction(c, extensions, e);
	if (rc == 0)
		rc = finish(c, o, e);
	db_close_sync(c);
	return rc;
}
