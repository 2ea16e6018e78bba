/*
 * The address policy: which addresses a source may lead us to.
 *
 * Asked at connect time, about the address that is really connected to, so
 * that neither a name, nor a second look-up (DNS rebinding), nor IPv4 inside
 * IPv6, nor a redirect gets round it.  Names are not judged by their looks,
 * but for those that mean this machine wherever they are resolved.
 */
#ifndef SHEAF_FETCH_POLICY_H
#define SHEAF_FETCH_POLICY_H

#include <sys/socket.h>

/* NULL when the address is public, else what it is: "a loopback address".
 * Families other than IPv4 and IPv6 are refused. */
const char *policy_address(const struct sockaddr *sa);

/* The same of a URL's host (brackets of IPv6 kept off), as far as its text
 * says: literal addresses and names below "localhost".  NULL for a name that
 * has to be resolved first. */
const char *policy_host(const char *host);

/* The same of an address as text; NULL when it is public, or no address. */
const char *policy_text(const char *address);

/* Text of the address, "" when there is none to give. */
enum { POLICY_ADDRESS_BYTES = 64 };
void policy_print(char out[POLICY_ADDRESS_BYTES], const struct sockaddr *sa);

#endif
