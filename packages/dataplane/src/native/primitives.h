/* The primitives of handshakes, from OpenSSL: `core/noise/crypto.ts` says what each is. All keys are 32 bytes. */
#ifndef FLATLAND_PRIMITIVES_H
#define FLATLAND_PRIMITIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEY_BYTES = 32, HASH_BYTES = 32, MAC_BYTES = 16, XNONCE_BYTES = 24, TAG_BYTES = 16 };

/* An X25519 private key, ready to derive. */
struct x25519_key;
struct x25519_key *x25519_import(const uint8_t *private_key);
void x25519_free(struct x25519_key *key);
/* X25519 of the key and the base point (RFC 7748, section 6.1). */
bool x25519_public(struct x25519_key *key, uint8_t *public_key);
/* False for a low-order point. */
bool x25519_shared(struct x25519_key *key, const uint8_t *public_key, uint8_t *secret);

bool blake2s_hash(const uint8_t *message, size_t length, uint8_t *hash);
bool blake2s_hmac(const uint8_t *key, size_t key_length, const uint8_t *message, size_t length, uint8_t *hash);
/* ChaCha20-Poly1305 (RFC 8439) with a counter as nonce: ciphertext and tag go to `sealed`, which may be the plaintext. */
bool chacha20_poly1305_seal(const uint8_t *key, uint64_t counter, const uint8_t *plaintext, size_t length,
			    const uint8_t *additional, size_t additional_length, uint8_t *sealed);
/* `length` is that of the plaintext. False where the tag is wrong. */
bool chacha20_poly1305_open(const uint8_t *key, uint64_t counter, const uint8_t *sealed, size_t length,
			    const uint8_t *additional, size_t additional_length, uint8_t *plaintext);
/* XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): ciphertext and tag go to `sealed`. */
bool xchacha20_poly1305_seal(const uint8_t *key, const uint8_t *nonce, const uint8_t *plaintext, size_t length,
			     const uint8_t *additional, size_t additional_length, uint8_t *sealed);
bool blake2s_mac(const uint8_t *key, size_t key_length, const uint8_t *message, size_t length, uint8_t *mac);

#endif
