/*
 * Prints the table of configuration keys, one a line, with tabs between:
 * section, name, type, default, words, meaning.  "-" stands for a default that
 * must be given.  For tests/meta/options, which compares the table with the
 * manual and the sample.  With an argument it reads that configuration instead
 * and prints the mistakes.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "config/config.h"

/* The documents name the place that Debian has; a build may have another. */
static const char *
as_documented(const struct conf_key *key)
{
	if (!key->fallback)
		return "-";
	if (strcmp(key->name, "pg_bindir") == 0)
		return "/usr/lib/postgresql/15/bin";
	return key->fallback;
}

static int
try_reading(const char *path)
{
	struct config *config;
	struct buf mistakes;
	int status;

	buf_init(&mistakes, 1 << 20);
	config = config_read(path, &mistakes);
	fputs(buf_str(&mistakes), stdout);
	if (config)
		printf("%zu sources\n", config->source_count);
	buf_release(&mistakes);
	status = config ? EX_OK : EX_CONFIG;
	config_free(config);
	return status;
}

int
main(int argc, char **argv)
{
	const struct conf_key *keys;
	size_t count;

	if (argc > 1)
		return try_reading(argv[1]);
	keys = config_keys(&count);
	for (size_t i = 0; i < count; i++)
		printf("%s\t%s\t%s\t%s\t%s\t%s\n", keys[i].section,
		    keys[i].name, conf_type_name(keys[i].type),
		    as_documented(&keys[i]), keys[i].words ? keys[i].words : "",
		    keys[i].meaning);
	return fflush(stdout) == 0 ? 0 : 1;
}
