#include "trie.h"

#include <stdlib.h>

#include "bytes.h"

struct trie_node {
	struct trie_node *child[2];
	void *owner;
	uint8_t length;
	uint8_t address[16];
};

static unsigned bit_at(const uint8_t *address, unsigned bit)
{
	return address[bit / 8] >> (7 - bit % 8) & 1;
}

/* How many leading bits agree, looking at no more than `limit`. */
static unsigned common_bits(const uint8_t *a, const uint8_t *b, unsigned limit)
{
	unsigned bits = 0;

	for (unsigned i = 0; bits < limit; i++, bits += 8) {
		unsigned difference = a[i] ^ b[i];

		if (difference != 0) {
			bits += (unsigned)__builtin_clz(difference) - 24;
			break;
		}
	}
	return bits < limit ? bits : limit;
}

static struct trie_node *new_node(const uint8_t *address, unsigned length)
{
	struct trie_node *node = calloc(1, sizeof(*node));

	if (node == NULL)
		return NULL;
	node->length = (uint8_t)length;
	for (unsigned i = 0; i < (length + 7) / 8; i++)
		node->address[i] = address[i];
	if (length % 8 != 0)
		node->address[length / 8] &= (uint8_t)(0xff00 >> length % 8);
	return node;
}

void trie_init(struct trie *trie, uint8_t total_bits)
{
	trie->root = NULL;
	trie->total_bits = total_bits;
}

bool trie_insert(struct trie *trie, const uint8_t *address, uint8_t length, void *owner)
{
	struct trie_node **slot = &trie->root;

	while (*slot != NULL) {
		struct trie_node *node = *slot;
		unsigned limit = node->length < length ? node->length : length;
		unsigned common = common_bits(node->address, address, limit);

		if (common == node->length && common == length) {
			node->owner = owner;
			return true;
		}
		if (common == node->length) {
			slot = &node->child[bit_at(address, common)];
			continue;
		}
		struct trie_node *branch = new_node(address, common);
		if (branch == NULL)
			return false;
		if (common == length) {
			branch->owner = owner;
		} else {
			struct trie_node *leaf = new_node(address, length);

			if (leaf == NULL) {
				free(branch);
				return false;
			}
			leaf->owner = owner;
			branch->child[bit_at(address, common)] = leaf;
		}
		branch->child[bit_at(node->address, common)] = node;
		*slot = branch;
		return true;
	}
	*slot = new_node(address, length);
	if (*slot == NULL)
		return false;
	(*slot)->owner = owner;
	return true;
}

/* Replaces a node that neither has an owner nor branches by its only child. */
static void collapse(struct trie_node **slot)
{
	struct trie_node *node = *slot;

	if (node->owner != NULL || (node->child[0] != NULL && node->child[1] != NULL))
		return;
	*slot = node->child[0] != NULL ? node->child[0] : node->child[1];
	free(node);
}

void trie_remove(struct trie *trie, const uint8_t *address, uint8_t length)
{
	struct trie_node **parent = NULL;
	struct trie_node **slot = &trie->root;

	while (*slot != NULL && (*slot)->length < length) {
		if (common_bits((*slot)->address, address, (*slot)->length) < (*slot)->length)
			return;
		parent = slot;
		slot = &(*slot)->child[bit_at(address, (*slot)->length)];
	}
	if (*slot == NULL || (*slot)->length != length ||
	    common_bits((*slot)->address, address, length) < length)
		return;
	(*slot)->owner = NULL;
	collapse(slot);
	if (parent != NULL)
		collapse(parent);
}

void *trie_lookup(const struct trie *trie, const uint8_t *address)
{
	const struct trie_node *node = trie->root;
	void *found = NULL;

	while (node != NULL && common_bits(node->address, address, node->length) == node->length) {
		if (node->owner != NULL)
			found = node->owner;
		if (node->length == trie->total_bits)
			break;
		node = node->child[bit_at(address, node->length)];
	}
	return found;
}

/* Recursion is bounded by the number of bits of an address. */
static void free_node(struct trie_node *node)
{
	if (node == NULL)
		return;
	free_node(node->child[0]);
	free_node(node->child[1]);
	free(node);
}

void trie_free(struct trie *trie)
{
	free_node(trie->root);
	trie->root = NULL;
}
