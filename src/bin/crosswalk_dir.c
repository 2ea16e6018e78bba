#include "bin/crosswalk_dir.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bin/vocab_dir.h"

const char *
crosswalk_dir(const char *asked)
{
	static char path[DIR_BYTES];
	const char *found;

	if (asked != NULL && *asked != '\0')
		return asked;
	found = dir_beside(path, "/crosswalks");
	return found != NULL ? found : SHEAF_SYSCONFDIR "/crosswalks";
}

int
crosswalk_dir_open(const char *dir, const char *preview, struct xwalk_set **set,
    struct buf *mistakes)
{
	struct xwalk_set *compiled = NULL;
	struct buf texts;
	int fd = -1;

	buf_init(&texts, XWALK_PACK_BYTES);
	if ((preview == NULL ||
		xwalk_pack_file(&texts, preview, true, mistakes) == 0) &&
	    xwalk_pack_dir(&texts, dir, mistakes) == 0)
		compiled = xwalk_compile(texts.data, texts.len, mistakes);
	if (compiled != NULL) {
		fd = dir_seal(&texts);
		if (fd < 0)
			buf_printf(mistakes,
			    "%s: there is no memory for the crosswalks\n", dir);
	}
	if (fd >= 0 && set != NULL)
		*set = compiled;
	else
		xwalk_free(compiled);
	buf_release(&texts);
	return fd;
}

struct xwalk_set *
crosswalk_dir_take(int fd, struct buf *mistakes)
{
	struct xwalk_set *set;
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0 || st.st_size <= 0 ||
	    (p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd,
		 0)) == MAP_FAILED) {
		buf_adds(mistakes, "the crosswalks cannot be mapped\n");
		return NULL;
	}
	set = xwalk_compile(p, (size_t)st.st_size, mistakes);
	munmap(p, (size_t)st.st_size);
	return set;
}
