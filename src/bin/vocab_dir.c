#include "bin/vocab_dir.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "crosswalk/rules_compile.h"

const char *
dir_beside(char path[DIR_BYTES], const char *name)
{
	ssize_t n = readlink("/proc/self/exe", path, DIR_BYTES - 16);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL)
		return NULL;
	strcpy(slash, name);
	return access(path, X_OK) == 0 ? path : NULL;
}

const char *
vocab_dir(const char *asked)
{
	static char path[DIR_BYTES];
	const char *found;

	if (asked != NULL && *asked != '\0')
		return asked;
	found = dir_beside(path, "/vocab");
	return found != NULL ? found : SHEAF_SYSCONFDIR "/vocab";
}

int
dir_seal(const struct buf *block)
{
	int fd = memfd_create("tables", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 &&
	    (write(fd, block->data, block->len) != (ssize_t)block->len ||
		fcntl(fd, F_ADD_SEALS,
		    F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) !=
		    0)) {
		close(fd);
		return -1;
	}
	return fd;
}

int
vocab_dir_open(const char *dir, struct buf *mistakes)
{
	struct buf block;
	int fd = -1;

	buf_init(&block, LIMIT_RULES_BYTES);
	if (rules_compile(dir, &block, mistakes) == 0) {
		fd = dir_seal(&block);
		if (fd < 0)
			buf_printf(mistakes,
			    "%s: there is no memory for the compiled tables\n",
			    dir);
	}
	buf_release(&block);
	return fd;
}

const struct rules *
vocab_dir_map(int fd, struct err *e)
{
	const struct rules *rules;
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0 || st.st_size <= 0) {
		err_set(e, ERR_SYSTEM, 0, "the compiled tables are empty");
		return NULL;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		err_sys(e, "the compiled tables cannot be mapped");
		return NULL;
	}
	rules = rules_open(p, (size_t)st.st_size, e);
	if (rules == NULL)
		munmap(p, (size_t)st.st_size);
	return rules;
}

void
vocab_dir_unmap(const struct rules *rules)
{
	union {
		const struct rules *rules;
		void *p;
	} u = {.rules = rules};

	if (rules != NULL)
		munmap(u.p, rules_size(rules));
}
