/* A datagram from a role that a stranger has taken over: whoever sends it to
 * whom, it is refused, or it is written again as it came. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "wire/msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	for (int from = 0; from < ROLE_COUNT; from++)
		for (int to = 0; to < ROLE_COUNT; to++) {
			struct buf again;
			struct msg m;
			struct err e;

			if (msg_decode(&m, data, n, (enum role)from,
				(enum role)to, 0, &e) < 0)
				continue;
			buf_init(&again, LIMIT_MESSAGE_BYTES);
			BUG_ON(msg_encode(&again, &m) < 0);
			BUG_ON(
			    again.len != n || memcmp(again.data, data, n) != 0);
			buf_release(&again);
		}
	return 0;
}
