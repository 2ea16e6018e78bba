/* Items of RSS, RDF, Atom and CDF to the record model; what each element
 * becomes is one table (feed.c).  Modules in Dublin Core's
 * namespaces go the way of oai_dc. */
#ifndef SHEAF_CROSSWALK_FEED_H
#define SHEAF_CROSSWALK_FEED_H

#include "record/feed.h"

extern const struct feed_ops crosswalk_feed_ops; /* arg: struct crosswalk * */

#endif
