/* Names of months in the languages that the sources write. */
#include <string.h>

#include "crosswalk/dates.h"
#include "crosswalk/vocab.h"

/* Month names and their short forms, by vocab_key(). */
static const struct {
	const char *name;
	int month;
} months[] = {
    {"january", 1},
    {"jan", 1},
    {"janvier", 1},
    {"enero", 1},
    {"ene", 1},
    {"janeiro", 1},
    {"janv", 1},
    {"february", 2},
    {"feb", 2},
    {"fevrier", 2},
    {"febrero", 2},
    {"fev", 2},
    {"fevereiro", 2},
    {"fevr", 2},
    {"march", 3},
    {"mar", 3},
    {"mars", 3},
    {"marzo", 3},
    {"marco", 3},
    {"april", 4},
    {"apr", 4},
    {"avril", 4},
    {"abril", 4},
    {"abr", 4},
    {"avr", 4},
    {"may", 5},
    {"mai", 5},
    {"mayo", 5},
    {"maio", 5},
    {"june", 6},
    {"jun", 6},
    {"juin", 6},
    {"junio", 6},
    {"junho", 6},
    {"july", 7},
    {"jul", 7},
    {"juillet", 7},
    {"julio", 7},
    {"julho", 7},
    {"juil", 7},
    {"august", 8},
    {"aug", 8},
    {"aout", 8},
    {"agosto", 8},
    {"ago", 8},
    {"september", 9},
    {"sep", 9},
    {"sept", 9},
    {"septembre", 9},
    {"septiembre", 9},
    {"setembro", 9},
    {"setiembre", 9},
    {"october", 10},
    {"oct", 10},
    {"octobre", 10},
    {"octubre", 10},
    {"outubro", 10},
    {"november", 11},
    {"nov", 11},
    {"novembre", 11},
    {"noviembre", 11},
    {"novembro", 11},
    {"december", 12},
    {"dec", 12},
    {"decembre", 12},
    {"diciembre", 12},
    {"dic", 12},
    {"dezembro", 12},
};

int
when_month(const char *name, size_t n)
{
	char word[32], key[VOCAB_KEY_BYTES];

	if (n < 3 || n >= sizeof(word))
		return 0;
	memcpy(word, name, n);
	word[n] = '\0';
	vocab_key(key, word);
	for (size_t i = 0; i < sizeof(months) / sizeof(*months); i++)
		if (strcmp(key, months[i].name) == 0)
			return months[i].month;
	return 0;
}
