#include "primitives.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <string.h>

#include "bytes.h"

enum { BLAKE2S_BLOCK_BYTES = 64 };

static EVP_MD *blake2s;
static EVP_MAC *keyed_blake2s;
static EVP_CIPHER *chacha20;
static EVP_CIPHER *chacha20_poly1305;

static void fetch(void)
{
	blake2s = EVP_MD_fetch(NULL, "BLAKE2S-256", NULL);
	keyed_blake2s = EVP_MAC_fetch(NULL, "BLAKE2SMAC", NULL);
	chacha20 = EVP_CIPHER_fetch(NULL, "ChaCha20", NULL);
	chacha20_poly1305 = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
}

static bool is_fetched(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch);
	return blake2s != NULL && keyed_blake2s != NULL && chacha20 != NULL &&
	       chacha20_poly1305 != NULL;
}

EVP_PKEY *x25519_import(const uint8_t *private_key)
{
	return EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key, KEY_BYTES);
}

void x25519_free(EVP_PKEY *key) { EVP_PKEY_free(key); }

bool x25519_public(EVP_PKEY *key, uint8_t *public_key)
{
	size_t length = KEY_BYTES;

	return EVP_PKEY_get_raw_public_key(key, public_key, &length) == 1 && length == KEY_BYTES;
}

bool x25519_shared(EVP_PKEY *key, const uint8_t *public_key, uint8_t *secret)
{
	EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public_key, KEY_BYTES);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	size_t length = KEY_BYTES;
	bool is_derived = peer != NULL && context != NULL && EVP_PKEY_derive_init(context) == 1 &&
			  EVP_PKEY_derive_set_peer_ex(context, peer, 0) == 1 &&
			  EVP_PKEY_derive(context, secret, &length) == 1 && length == KEY_BYTES;

	/* What is left of an error here would be told by the next call that Node makes. */
	if (!is_derived)
		ERR_clear_error();
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(peer);
	return is_derived;
}

bool blake2s_hash(const uint8_t *message, size_t length, uint8_t *hash)
{
	unsigned int n = HASH_BYTES;

	return is_fetched() && EVP_Digest(message, length, hash, &n, blake2s, NULL) == 1;
}

/* One of HMAC's two hashes: of the padded key, and of a message (RFC 2104). */
static bool hash_with_pad(EVP_MD_CTX *context, const uint8_t *block, uint8_t pad, const uint8_t *message, size_t length,
			  uint8_t *hash)
{
	uint8_t padded[BLAKE2S_BLOCK_BYTES];
	unsigned int n = HASH_BYTES;

	for (size_t i = 0; i < sizeof(padded); i++)
		padded[i] = block[i] ^ pad;
	bool is_done = EVP_DigestInit_ex2(context, blake2s, NULL) == 1 &&
		       EVP_DigestUpdate(context, padded, sizeof(padded)) == 1 &&
		       EVP_DigestUpdate(context, message, length) == 1 && EVP_DigestFinal_ex(context, hash, &n) == 1;
	OPENSSL_cleanse(padded, sizeof(padded));
	return is_done;
}

/* OpenSSL's own HMAC looks its hash up by name in each call, which takes longer than the hashes. */
bool blake2s_hmac(const uint8_t *key, size_t key_length, const uint8_t *message, size_t length, uint8_t *hash)
{
	EVP_MD_CTX *context = is_fetched() ? EVP_MD_CTX_new() : NULL;
	uint8_t block[BLAKE2S_BLOCK_BYTES] = { 0 };
	uint8_t inner[HASH_BYTES];
	bool is_ready = context != NULL;

	if (key_length > sizeof(block))
		is_ready = is_ready && blake2s_hash(key, key_length, block);
	else if (key_length > 0)
		memcpy(block, key, key_length);
	bool is_done = is_ready && hash_with_pad(context, block, 0x36, message, length, inner) &&
		       hash_with_pad(context, block, 0x5c, inner, sizeof(inner), hash);
	OPENSSL_cleanse(block, sizeof(block));
	EVP_MD_CTX_free(context);
	return is_done;
}

bool blake2s_mac(const uint8_t *key, size_t key_length, const uint8_t *message, size_t length, uint8_t *mac)
{
	EVP_MAC_CTX *context = is_fetched() ? EVP_MAC_CTX_new(keyed_blake2s) : NULL;
	size_t size = MAC_BYTES, n = 0;
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
		OSSL_PARAM_construct_end(),
	};
	bool is_done = context != NULL && EVP_MAC_init(context, key, key_length, parameters) == 1 &&
		       EVP_MAC_update(context, message, length) == 1 &&
		       EVP_MAC_final(context, mac, &n, MAC_BYTES) == 1 && n == MAC_BYTES;

	EVP_MAC_CTX_free(context);
	return is_done;
}

/*
 * HChaCha20: the state of the block function before it is added to what it began with. A block of key stream is that
 * sum; OpenSSL takes counter and nonce as 16 bytes.
 */
static bool hchacha20(EVP_CIPHER_CTX *context, const uint8_t *key, const uint8_t *nonce, uint8_t *subkey)
{
	static const uint8_t ZEROS[64];
	static const uint8_t CONSTANTS[] = "expand 32-byte k";
	uint8_t stream[64];
	int n = 0;

	if (EVP_EncryptInit_ex(context, chacha20, NULL, key, nonce) != 1 ||
	    EVP_EncryptUpdate(context, stream, &n, ZEROS, sizeof(ZEROS)) != 1 || n != sizeof(stream))
		return false;
	for (int i = 0; i < 4; i++) {
		store_le32(subkey + 4 * i, load_le32(stream + 4 * i) - load_le32(CONSTANTS + 4 * i));
		store_le32(subkey + 16 + 4 * i, load_le32(stream + 48 + 4 * i) - load_le32(nonce + 4 * i));
	}
	OPENSSL_cleanse(stream, sizeof(stream));
	return true;
}

bool xchacha20_poly1305_seal(const uint8_t *key, const uint8_t *nonce, const uint8_t *plaintext, size_t length,
			     const uint8_t *additional, size_t additional_length, uint8_t *sealed)
{
	EVP_CIPHER_CTX *context = is_fetched() ? EVP_CIPHER_CTX_new() : NULL;
	uint8_t subkey[KEY_BYTES];
	uint8_t short_nonce[12] = { 0 };
	int n = 0, rest = 0;
	bool is_done = false;

	memcpy(short_nonce + 4, nonce + 16, 8);
	if (context != NULL && hchacha20(context, key, nonce, subkey))
		is_done = EVP_EncryptInit_ex(context, chacha20_poly1305, NULL, subkey, short_nonce) == 1 &&
			  (additional_length == 0 ||
			   EVP_EncryptUpdate(context, NULL, &n, additional, (int)additional_length) == 1) &&
			  EVP_EncryptUpdate(context, sealed, &n, plaintext, (int)length) == 1 &&
			  EVP_EncryptFinal_ex(context, sealed + n, &rest) == 1 && (size_t)(n + rest) == length &&
			  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, sealed + length) == 1;
	OPENSSL_cleanse(subkey, sizeof(subkey));
	EVP_CIPHER_CTX_free(context);
	return is_done;
}
