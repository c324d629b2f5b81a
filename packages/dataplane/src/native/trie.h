/*
 * Cryptokey routing (WireGuard paper, section 2): prefixes of all peers of a device, one trie for each family, bits
 * with compressed paths. The longest prefix decides.
 */
#ifndef FLATLAND_TRIE_H
#define FLATLAND_TRIE_H

#include <stdbool.h>
#include <stdint.h>

struct trie_node;

struct trie {
	struct trie_node *root;
	uint8_t total_bits; /* 32 or 128 */
};

/* `total_bits`: length of an address. */
void trie_init(struct trie *trie, uint8_t total_bits);

/* Gives a prefix to an owner, taking it from whoever had it. False where memory ran out. */
bool trie_insert(struct trie *trie, const uint8_t *address, uint8_t length, void *owner);

/* Takes a prefix out. */
void trie_remove(struct trie *trie, const uint8_t *address, uint8_t length);

/* The owner of the longest prefix that holds an address; NULL where none does. */
void *trie_lookup(const struct trie *trie, const uint8_t *address);

/* Frees all nodes. */
void trie_free(struct trie *trie);

#endif
