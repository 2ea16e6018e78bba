/*
 * By what a source's content is made: the program, the compiled tables, the
 * crosswalks, and what the configuration says of the source's records.  Stored
 * records that were made by anything else are what `sheafctl renormalise` reads
 * again.
 */
#ifndef SHEAF_BIN_MADE_BY_H
#define SHEAF_BIN_MADE_BY_H

#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "config/config.h"

/* Of what config_open() gave: the compiled tables, and the crosswalks.  0, or
 * -1 and e. */
int made_by_rules(
    uint8_t out[HASH128_BYTES], const int rules_fds[2], struct err *e);
void made_by(uint8_t out[HASH128_BYTES], const uint8_t rules[HASH128_BYTES],
    const struct conf_source *c);
/* In hexadecimal, with a NUL. */
void made_by_text(
    char out[2 * HASH128_BYTES + 1], const uint8_t digest[HASH128_BYTES]);

#endif
