/* A line of the control socket: what is understood is said again in the same
 * words. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "control/proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *line = xmalloc(n + 1), *words[64], *again[64];
	struct buf said;
	int count;

	memcpy(line, data, n);
	line[n] = '\0';
	count = control_line_decode(line, words, 64);
	if (count > 0) {
		buf_init(&said, 4 * n + 1024);
		BUG_ON(control_line_encode(&said, (size_t)count,
			   (const char *const *)words) < 0);
		said.data[said.len - 1] = '\0';
		BUG_ON(control_line_decode(said.data, again, 64) != count);
		for (int i = 0; i < count; i++)
			BUG_ON(strcmp(words[i], again[i]) != 0);
		buf_release(&said);
	}
	free(line);
	return 0;
}
