/* The migrations that are shipped, and what init prints, without a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/init.h"
#include "db/migrate.h"
#include "db/version.h"

static void
test_version_is_last_migration(void **state)
{
	struct migrations m;
	struct err e;

	(void)state;
	assert_int_equal(migrations_read(&m, SQL_SOURCE_DIR, &e), 0);
	assert_int_equal(m.count, DB_SCHEMA_VERSION);
	migrations_release(&m);
}

static char *
printed(const struct init_options *o, int from)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	struct err e;

	assert_non_null(f);
	assert_int_equal(init_print(o, from, f, &e), 0);
	fclose(f);
	return text;
}

static void
test_print(void **state)
{
	struct init_options o = {
	    .connection = "",
	    .store = {.name = "my \"store\"", .password = "secret"},
	};
	char *text = printed(&o, 0);

	(void)state;
	assert_non_null(strstr(text, "create table sheaf.record"));
	assert_non_null(strstr(text, "\"my \"\"store\"\"\""));
	assert_non_null(strstr(text, "\"sheaf_reader\""));
	assert_non_null(strstr(text, "create or replace view registry.record"));
	assert_null(strstr(text, "secret"));
	assert_null(strstr(text, "@store@"));
	assert_null(strstr(text, "@role@"));
	free(text);
}

static void
test_print_upgrade(void **state)
{
	struct init_options o = {.connection = ""};
	char *text = printed(&o, DB_SCHEMA_VERSION);

	(void)state;
	assert_null(strstr(text, "create table sheaf.record"));
	assert_non_null(strstr(text, "create or replace view registry.record"));
	free(text);
}

static void
test_missing_directory(void **state)
{
	struct migrations m;
	struct err e;

	(void)state;
	assert_int_equal(migrations_read(&m, "/nonexistent/sql", &e), -1);
	assert_non_null(strstr(e.text, "/nonexistent/sql"));
	migrations_release(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_version_is_last_migration),
	    cmocka_unit_test(test_print),
	    cmocka_unit_test(test_print_upgrade),
	    cmocka_unit_test(test_missing_directory),
	};

	setenv("SHEAF_SQL_DIR", SQL_SOURCE_DIR, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
