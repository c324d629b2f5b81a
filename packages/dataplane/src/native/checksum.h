/* The Internet checksum (RFC 1071). Sums are of 16-bit words in the machine's byte order, not yet folded. */
#ifndef FLATLAND_CHECKSUM_H
#define FLATLAND_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Adds bytes to a sum. All parts but the last have an even length. */
uint64_t checksum_add(uint64_t sum, const uint8_t *bytes, size_t length);

/* Adds the pseudo-header of TCP or UDP over the IP packet that begins at `ip` (RFC 9293 3.1, RFC 8200 8.1). */
uint64_t checksum_pseudo(const uint8_t *ip, uint8_t protocol, uint32_t l4_length);

/* Folds a sum to 16 bits, without complement. */
uint16_t checksum_fold(uint64_t sum);

/* Writes the 16 bits of a folded sum as they stand in a packet. */
void checksum_store(uint8_t *field, uint16_t folded);

#endif
