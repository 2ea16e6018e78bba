/* A profile from its texts, however these came.  For this room only. */
#ifndef SHEAF_RESOLVE_PROFILE_BUILD_H
#define SHEAF_RESOLVE_PROFILE_BUILD_H

#include "resolve/profile.h"

/* The profile's texts and numbers are there (titles[].text, names[].text and
 * their is_…, ids[].scheme and value, venue, year, …), within the limits;
 * fills in the rest, which is derived from them.  ids may change their order,
 * and lose those that come twice. */
void profile_build(struct profile *p, struct arena *a);

#endif
