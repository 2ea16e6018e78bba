/* A profile from its texts, however these came.  For this room only. */
#ifndef SHEAF_RESOLVE_PROFILE_BUILD_H
#define SHEAF_RESOLVE_PROFILE_BUILD_H

#include "resolve/profile.h"

/* The profile's texts and numbers are there (titles[].text, names[].text and
 * their is_…, ids[].scheme and value, venue, year, …), within the limits;
 * fills in the rest, which is derived from them.  ids may change their order,
 * and lose those that come twice. */
void profile_build(struct profile *p, struct arena *a);

/* A venue without digits, which venue_hash is of: "proceedings of the nd …" of
 * every year is one.  out has LIMIT_MATCH_VENUE_BYTES + 1 bytes; the length. */
size_t profile_venue_plain(char *out, const char *venue);

#endif
