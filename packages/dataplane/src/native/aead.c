#include "aead.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>

#include "bytes.h"

/* OpenSSL's ChaCha20 takes a block counter of 32 bits and the nonce. */
enum { IV_BYTES = 16, NONCE_OFFSET = 4, BLOCK_BYTES = 16 };

static EVP_CIPHER *chacha20;
static EVP_MAC *poly1305;

static void fetch(void)
{
	chacha20 = EVP_CIPHER_fetch(NULL, "ChaCha20", NULL);
	poly1305 = EVP_MAC_fetch(NULL, "POLY1305", NULL);
}

bool aead_init(struct aead *aead, const uint8_t *key)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch);
	*aead = (struct aead){ NULL, NULL };
	if (chacha20 == NULL || poly1305 == NULL)
		return false;
	aead->cipher = EVP_CIPHER_CTX_new();
	aead->authenticator = EVP_MAC_CTX_new(poly1305);
	if (aead->cipher != NULL && aead->authenticator != NULL &&
	    EVP_EncryptInit_ex(aead->cipher, chacha20, NULL, key, NULL) == 1)
		return true;
	aead_free(aead);
	return false;
}

/*
 * Runs the key stream over `src`, writing to `dst`, and takes its first block out. Encryption and decryption are the
 * same.
 */
static bool apply_key_stream(struct aead *aead, uint64_t counter, uint8_t *dst, uint8_t *src, size_t length, uint8_t *first)
{
	uint8_t iv[IV_BYTES] = { 0 };
	uint8_t kept[AEAD_ROOM_BYTES];
	/* OpenSSL would do the last bytes in a call of their own. */
	size_t whole = (length + 2 * AEAD_ROOM_BYTES - 1) / AEAD_ROOM_BYTES * AEAD_ROOM_BYTES;
	int written = 0;

	store_le64(iv + NONCE_OFFSET + 4, counter);
	memset(src - AEAD_ROOM_BYTES, 0, AEAD_ROOM_BYTES);
	memcpy(kept, dst - AEAD_ROOM_BYTES, AEAD_ROOM_BYTES);
	bool is_done = EVP_EncryptInit_ex(aead->cipher, NULL, NULL, NULL, iv) == 1 &&
		       EVP_EncryptUpdate(aead->cipher, dst - AEAD_ROOM_BYTES, &written, src - AEAD_ROOM_BYTES,
					 (int)whole) == 1;
	memcpy(first, dst - AEAD_ROOM_BYTES, AEAD_ROOM_BYTES);
	memcpy(dst - AEAD_ROOM_BYTES, kept, AEAD_ROOM_BYTES);
	return is_done;
}

/* The tag of a ciphertext without additional data. */
static bool authenticate(struct aead *aead, const uint8_t *key, const uint8_t *ciphertext, size_t length, uint8_t *tag)
{
	uint8_t tail[2 * BLOCK_BYTES] = { 0 };
	size_t rest = length % BLOCK_BYTES;
	uint8_t *lengths = tail + (rest == 0 ? 0 : BLOCK_BYTES);
	size_t tag_length = 0;

	/* What is left of the ciphertext, padded, and the lengths of additional data and ciphertext. */
	memcpy(tail, ciphertext + length - rest, rest);
	store_le64(lengths + 8, length);
	return EVP_MAC_init(aead->authenticator, key, AEAD_KEY_BYTES, NULL) == 1 &&
	       (length == rest || EVP_MAC_update(aead->authenticator, ciphertext, length - rest) == 1) &&
	       EVP_MAC_update(aead->authenticator, tail, (size_t)(lengths - tail) + BLOCK_BYTES) == 1 &&
	       EVP_MAC_final(aead->authenticator, tag, &tag_length, AEAD_TAG_BYTES) == 1;
}

bool aead_seal(struct aead *aead, uint64_t counter, uint8_t *dst, uint8_t *src, size_t length)
{
	uint8_t first[AEAD_ROOM_BYTES];

	return apply_key_stream(aead, counter, dst, src, length, first) &&
	       authenticate(aead, first, dst, length, dst + length);
}

bool aead_open(struct aead *aead, uint64_t counter, uint8_t *dst, uint8_t *src, size_t length)
{
	uint8_t first[AEAD_ROOM_BYTES];
	uint8_t tag[AEAD_TAG_BYTES];

	if (length < AEAD_TAG_BYTES)
		return false;
	length -= AEAD_TAG_BYTES;
	return apply_key_stream(aead, counter, dst, src, length, first) &&
	       authenticate(aead, first, src, length, tag) && CRYPTO_memcmp(tag, src + length, AEAD_TAG_BYTES) == 0;
}

void aead_free(struct aead *aead)
{
	EVP_CIPHER_CTX_free(aead->cipher);
	EVP_MAC_CTX_free(aead->authenticator);
	*aead = (struct aead){ NULL, NULL };
}
