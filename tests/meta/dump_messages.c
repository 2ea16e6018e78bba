/*
 * Prints the message table, one message a line, with tabs between: name, from,
 * to, descriptors, meaning.  For tests/meta/options, which compares it with
 * the manual sheaf-messages(7).
 */
#include <stdio.h>

#include "wire/msg.h"

int
main(void)
{
	for (int t = MSG_NONE + 1; t < MSG_TYPE_COUNT; t++) {
		const struct msg_info *m = msg_info((enum msg_type)t);

		printf("%s\t%s\t%s\t%u\t%s\n", m->name, role_name(m->from),
		    role_name(m->to), m->max_fds, m->meaning);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
