/* An operator's word on sources (pause, resume, approve, reject, retire): sent
 * to store as soon as the database is there, answered when store has. */
#ifndef SHEAF_BIN_SHEAFD_CONTROL_ACT_H
#define SHEAF_BIN_SHEAFD_CONTROL_ACT_H

#include "bin/sheafd.h"
#include "control/server.h"
#include "wire/msg.h"

/* How long a call waits for a database that is not there (yet). */
enum { ACT_PATIENCE_MS = 30 * 1000 };

struct act;
struct control_acts { /* zeroed memory is an empty one */
	struct act *list;
	uint64_t last_request;
};

/* words: act ACT AUTHOR REASON SOURCE… */
void acts_call(struct control_acts *as, struct daemon *d,
    struct control_call *call, size_t count, char **words);
/* The database is there: what waits for it is sent. */
void acts_ready(struct control_acts *as, struct daemon *d);
void acts_done(struct control_acts *as, const struct msg_source_acted *m);
/* What was sent is answered by nobody now. */
void acts_lost(struct control_acts *as);
/* The client has left: what was not sent is not done. */
void acts_forget(struct control_acts *as, struct control_call *call);
/* Ends all: the daemon stops. */
void acts_end(struct control_acts *as);

#endif
