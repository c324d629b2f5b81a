/*
 * ChaCha20-Poly1305 (RFC 8439) with WireGuard's nonces: 4 zero bytes, then the counter (paper, section 5.4.6).
 *
 * The construction takes the key of its authenticator from the first block of the key stream, and the payload from
 * the second on. Here both come from one call of OpenSSL's ChaCha20, as OpenSSL itself does for TLS records, because
 * a call for one block costs as much as for eight, and only for whole blocks. So there is a block of room before and
 * after source and destination.
 */
#ifndef FLATLAND_AEAD_H
#define FLATLAND_AEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AEAD_KEY_BYTES = 32, AEAD_TAG_BYTES = 16, AEAD_ROOM_BYTES = 64 };

/* A key set up for one direction. Used by one thread at a time. */
struct aead {
	void *cipher;
	void *authenticator;
};

/* Sets a key up; false where OpenSSL refuses. */
bool aead_init(struct aead *aead, const uint8_t *key);

/*
 * Writes ciphertext and tag, `length` + AEAD_TAG_BYTES, to `dst`. The AEAD_ROOM_BYTES before `src` are overwritten,
 * those after it are read; those before `dst` are kept, those after it are overwritten. Nothing overlaps.
 */
bool aead_seal(struct aead *aead, uint64_t counter, uint8_t *dst, uint8_t *src, size_t length);

/* Writes the plaintext to `dst`; false where the tag is wrong. `length` includes the tag. Room as above. */
bool aead_open(struct aead *aead, uint64_t counter, uint8_t *dst, uint8_t *src, size_t length);

/* Overwrites the key and frees everything. */
void aead_free(struct aead *aead);

#endif
