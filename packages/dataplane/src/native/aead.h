/* ChaCha20-Poly1305 (RFC 8439) with WireGuard's nonces: 4 zero bytes, then the counter (paper, section 5.4.6). */
#ifndef FLATLAND_AEAD_H
#define FLATLAND_AEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AEAD_KEY_BYTES = 32, AEAD_TAG_BYTES = 16 };

/* A key set up for one direction. Used by one thread at a time. */
struct aead {
	void *context;
};

/* Sets a key up; false where OpenSSL refuses. */
bool aead_init(struct aead *aead, const uint8_t *key, bool seals);

/* Writes ciphertext and tag, `length` + AEAD_TAG_BYTES, to `dst`. */
bool aead_seal(struct aead *aead, uint64_t counter, uint8_t *dst, const uint8_t *src, size_t length);

/* Writes the plaintext to `dst`, which may be `src`; false where the tag is wrong. `length` includes the tag. */
bool aead_open(struct aead *aead, uint64_t counter, uint8_t *dst, const uint8_t *src, size_t length);

/* Overwrites the key and frees everything. */
void aead_free(struct aead *aead);

#endif
