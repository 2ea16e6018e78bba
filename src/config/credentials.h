/* The files of a request that hold secrets, or that sheaf-fetch cannot open
 * itself: opened here, handed over as descriptors. */
#ifndef SHEAF_CONFIG_CREDENTIALS_H
#define SHEAF_CONFIG_CREDENTIALS_H

#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

enum { CREDENTIALS = 4 };

struct credentials {
	int fds[CREDENTIALS]; /* the first `count` of them */
	size_t count;
	uint32_t bits; /* which they are: FETCH_START's `fds` */
};

/* 0, or -1 with class ERR_CONFIG naming the file that cannot be opened. */
int credentials_open(
    struct credentials *c, const struct conf_source *s, struct err *e);
void credentials_close(struct credentials *c);

#endif
