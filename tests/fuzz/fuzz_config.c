/* A configuration file as anybody may have left it: a tree, or mistakes in
 * words; never both, never neither. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	int fd = memfd_create("sheaf.conf", MFD_CLOEXEC);
	struct buf mistakes;
	struct config *c;
	char path[64];

	BUG_ON(fd < 0 || write(fd, data, n) != (ssize_t)n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	buf_init(&mistakes, 16 * MIB);
	c = config_read(path, &mistakes);
	BUG_ON((c == NULL) == (mistakes.len == 0));
	config_free(c);
	buf_release(&mistakes);
	close(fd);
	return 0;
}
