/* The version of the schema that this program works with: the number of the
 * last migration in sql/.  tests/unit/test_db_init compares the two. */
#ifndef SHEAF_DB_VERSION_H
#define SHEAF_DB_VERSION_H

enum { DB_SCHEMA_VERSION = 17 };

#endif
