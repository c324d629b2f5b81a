/* The primitives of handshakes, from OpenSSL: `core/noise/crypto.ts` says what each is. All keys are 32 bytes. */
#ifndef FLATLAND_PRIMITIVES_H
#define FLATLAND_PRIMITIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEY_BYTES = 32, HASH_BYTES = 32, MAC_BYTES = 16, XNONCE_BYTES = 24, TAG_BYTES = 16 };

/* An X25519 private key with its public key. */
struct evp_pkey_st;
struct evp_pkey_st *x25519_import(const uint8_t *private_key);
void x25519_free(struct evp_pkey_st *key);
bool x25519_public(struct evp_pkey_st *key, uint8_t *public_key);
/* False for a low-order point. */
bool x25519_shared(struct evp_pkey_st *key, const uint8_t *public_key, uint8_t *secret);

bool blake2s_hash(const uint8_t *message, size_t length, uint8_t *hash);
bool blake2s_hmac(const uint8_t *key, size_t key_length, const uint8_t *message, size_t length, uint8_t *hash);
/* XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): ciphertext and tag go to `sealed`. */
bool xchacha20_poly1305_seal(const uint8_t *key, const uint8_t *nonce, const uint8_t *plaintext, size_t length,
			     const uint8_t *additional, size_t additional_length, uint8_t *sealed);
bool blake2s_mac(const uint8_t *key, size_t key_length, const uint8_t *message, size_t length, uint8_t *mac);

#endif
