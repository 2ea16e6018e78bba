/* See fetch/secret.h. */
#include "fetch/secret.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"

int
secret_read(struct secret *s, int fd, const char *what, struct err *e)
{
	struct stat st;
	ssize_t n;

	*s = (struct secret){NULL, 0};
	if (fstat(fd, &st) != 0)
		return err_sys(e, "cannot read the %s", what);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > LIMIT_SECRET_BYTES)
		return err_set(e, ERR_CONFIG, 0,
		    "the %s is no file of at most %zu bytes", what,
		    LIMIT_SECRET_BYTES);
	s->data = xcalloc(1, (size_t)st.st_size + 1);
	while (s->len < (size_t)st.st_size) {
		n = pread(fd, s->data + s->len, (size_t)st.st_size - s->len,
		    (off_t)s->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_sys(e, "cannot read the %s", what);
			secret_release(s);
			return -1;
		}
		if (n == 0)
			break;
		s->len += (size_t)n;
	}
	if (s->len == 0) {
		secret_release(s);
		return err_set(e, ERR_CONFIG, 0, "the %s is empty", what);
	}
	return 0;
}

void
secret_first_line(struct secret *s)
{
	s->len = strcspn(s->data, "\r\n");
	s->data[s->len] = '\0';
}

void
secret_release(struct secret *s)
{
	if (s->data != NULL)
		explicit_bzero(s->data, s->len);
	free(s->data);
	*s = (struct secret){NULL, 0};
}
