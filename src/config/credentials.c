/* Opening the credentials of a source, anew for each request: a password or
 * certificate that was renewed holds from the next request on. */
#include "config/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int
credentials_open(
    struct credentials *c, const struct conf_source *s, struct err *e)
{
	/* In the order of FETCH_START's bits. */
	const struct {
		const char *key, *path;
	} files[CREDENTIALS] = {
	    {"password_file", s->password_file},
	    {"token_file", s->token_file},
	    {"ca_file", s->ca_file},
	    {"client_cert", s->client_cert},
	};

	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < CREDENTIALS; i++) {
		if (files[i].path == NULL || files[i].path[0] == '\0')
			continue;
		int fd = open(files[i].path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0) {
			err_set(e, ERR_CONFIG, errno, "%s %s: %s", files[i].key,
			    files[i].path, strerror(errno));
			credentials_close(c);
			return -1;
		}
		c->fds[c->count++] = fd;
		c->bits |= 1u << i;
	}
	return 0;
}

void
credentials_close(struct credentials *c)
{
	for (size_t i = 0; i < c->count; i++)
		close(c->fds[i]);
	c->count = 0;
}
