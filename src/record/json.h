/* Structs of the table as JSON.  For this room only. */
#ifndef SHEAF_RECORD_JSON_H
#define SHEAF_RECORD_JSON_H

#include "base/json.h"
#include "record/fields.h"

/* key and value of each field that has one, in the order of the table */
void
json_shape_fields(struct json *j, const struct shape *sh, const void *item);
/* the same for one field, also one that is not shown */
void json_shape_field(struct json *j, const struct field *f, const void *item);
/* the list as an array of objects under `key`; nothing when it is empty */
void json_shape_list(
    struct json *j, const char *key, const struct shape *sh, const void *list);

#endif
