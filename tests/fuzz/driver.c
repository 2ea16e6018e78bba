/*
 * Replays files through a fuzz target, so that its corpus is an ordinary test
 * with any compiler: LLVMFuzzerTestOneInput once for each file.
 *
 *	fuzz_stream [FILE | DIRECTORY]...
 *
 * Without arguments it replays tests/fuzz/corpus/NAME under $SHEAF_TOP, NAME
 * being the target's.  Not here: making new inputs; libFuzzer does that
 * (configure --enable-fuzzing).
 */
#include <fts.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { EXIT_SKIPPED = 77 };

/* The bytes in memory of exactly their size, so that a sanitizer sees their
 * end. */
static int
replay_file(const char *path, size_t n)
{
	uint8_t *data = malloc(n ? n : 1);
	FILE *f = fopen(path, "rb");
	size_t got;

	if (!f || !data) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	got = fread(data, 1, n, f);
	fclose(f);
	if (got != n) {
		fprintf(stderr, "%s: changed while it was read\n", path);
		exit(EXIT_FAILURE);
	}
	LLVMFuzzerTestOneInput(data, n);
	free(data);
	return 1;
}

static unsigned
replay(char *const *paths)
{
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	unsigned count = 0;
	FTSENT *entry;

	if (!tree) {
		perror("fts_open");
		exit(EXIT_FAILURE);
	}
	while ((entry = fts_read(tree))) {
		if (entry->fts_info == FTS_F)
			count += (unsigned)replay_file(
			    entry->fts_path, (size_t)entry->fts_statp->st_size);
		if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS) {
			fprintf(stderr, "%s: %s\n", entry->fts_path,
			    strerror(entry->fts_errno));
			exit(EXIT_FAILURE);
		}
	}
	fts_close(tree);
	return count;
}

int
main(int argc, char *argv[])
{
	const char *top = getenv("SHEAF_TOP");
	const char *slash = strrchr(argv[0], '/');
	char corpus[4096];
	char *own[] = {corpus, NULL};
	unsigned count;

	if (argc > 1) {
		count = replay(argv + 1);
	} else {
		if (!top) {
			fprintf(stderr, "no files named, and SHEAF_TOP is not "
					"set\n");
			return EXIT_SKIPPED;
		}
		snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus/%s", top,
		    slash ? slash + 1 : argv[0]);
		count = replay(own);
	}
	printf("%u inputs replayed\n", count);
	return count ? EXIT_SUCCESS : EXIT_FAILURE;
}
