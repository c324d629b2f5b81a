#include "primitives.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <string.h>

#include "bytes.h"

enum { BLAKE2S_BLOCK_BYTES = 64, NONCE_BYTES = 12 };

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

struct x25519_key {
	EVP_PKEY *pkey;
	/* Made once: what it is made of is looked up by name. */
	EVP_PKEY_CTX *derivation;
};

/* The other's key of each derivation, set anew for each. */
static _Thread_local EVP_PKEY *peer;

/*
 * Says that the public key is zeros, for OpenSSL would compute it by a multiplication that takes half as long again as
 * a derivation. Nothing asks for it there: see x25519_public.
 */
static EVP_PKEY *private_pkey(const uint8_t *private_key)
{
	uint8_t bytes[KEY_BYTES], unknown[KEY_BYTES] = { 0 };
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, bytes, sizeof(bytes)),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, unknown, sizeof(unknown)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *import = EVP_PKEY_CTX_new_from_name(NULL, "X25519", NULL);
	EVP_PKEY *pkey = NULL;

	memcpy(bytes, private_key, sizeof(bytes));
	if (import == NULL || EVP_PKEY_fromdata_init(import) != 1 ||
	    EVP_PKEY_fromdata(import, &pkey, EVP_PKEY_KEYPAIR, parameters) != 1)
		pkey = NULL;
	OPENSSL_cleanse(bytes, sizeof(bytes));
	EVP_PKEY_CTX_free(import);
	return pkey;
}

struct x25519_key *x25519_import(const uint8_t *private_key)
{
	struct x25519_key *key = OPENSSL_zalloc(sizeof(*key));

	if (key == NULL)
		return NULL;
	key->pkey = private_pkey(private_key);
	key->derivation = key->pkey == NULL ? NULL : EVP_PKEY_CTX_new(key->pkey, NULL);
	if (key->derivation != NULL && EVP_PKEY_derive_init(key->derivation) == 1)
		return key;
	x25519_free(key);
	return NULL;
}

void x25519_free(struct x25519_key *key)
{
	EVP_PKEY_CTX_free(key->derivation);
	EVP_PKEY_free(key->pkey);
	OPENSSL_free(key);
}

bool x25519_public(struct x25519_key *key, uint8_t *public_key)
{
	static const uint8_t BASE_POINT[KEY_BYTES] = { 9 };

	return x25519_shared(key, BASE_POINT, public_key);
}

bool x25519_shared(struct x25519_key *key, const uint8_t *public_key, uint8_t *secret)
{
	size_t length = KEY_BYTES;

	if (peer == NULL)
		peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public_key, KEY_BYTES);
	bool is_derived = peer != NULL && EVP_PKEY_set1_encoded_public_key(peer, public_key, KEY_BYTES) == 1 &&
			  EVP_PKEY_derive_set_peer_ex(key->derivation, peer, 0) == 1 &&
			  EVP_PKEY_derive(key->derivation, secret, &length) == 1 && length == KEY_BYTES;

	/* What is left of an error here would be told by the next call that Node makes. */
	if (!is_derived)
		ERR_clear_error();
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

static bool aead_seal(EVP_CIPHER_CTX *context, const uint8_t *key, const uint8_t *nonce, const uint8_t *plaintext,
		      size_t length, const uint8_t *additional, size_t additional_length, uint8_t *sealed)
{
	int n = 0, rest = 0;

	return EVP_EncryptInit_ex(context, chacha20_poly1305, NULL, key, nonce) == 1 &&
	       (additional_length == 0 ||
		EVP_EncryptUpdate(context, NULL, &n, additional, (int)additional_length) == 1) &&
	       EVP_EncryptUpdate(context, sealed, &n, plaintext, (int)length) == 1 &&
	       EVP_EncryptFinal_ex(context, sealed + n, &rest) == 1 && (size_t)(n + rest) == length &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, sealed + length) == 1;
}

bool chacha20_poly1305_seal(const uint8_t *key, uint64_t counter, const uint8_t *plaintext, size_t length,
			    const uint8_t *additional, size_t additional_length, uint8_t *sealed)
{
	EVP_CIPHER_CTX *context = is_fetched() ? EVP_CIPHER_CTX_new() : NULL;
	uint8_t nonce[NONCE_BYTES] = { 0 };

	store_le64(nonce + 4, counter);
	bool is_done = context != NULL && aead_seal(context, key, nonce, plaintext, length, additional,
						    additional_length, sealed);
	EVP_CIPHER_CTX_free(context);
	return is_done;
}

bool chacha20_poly1305_open(const uint8_t *key, uint64_t counter, const uint8_t *sealed, size_t length,
			    const uint8_t *additional, size_t additional_length, uint8_t *plaintext)
{
	EVP_CIPHER_CTX *context = is_fetched() ? EVP_CIPHER_CTX_new() : NULL;
	uint8_t nonce[NONCE_BYTES] = { 0 };
	uint8_t tag[TAG_BYTES];
	int n = 0, rest = 0;

	store_le64(nonce + 4, counter);
	memcpy(tag, sealed + length, sizeof(tag));
	bool is_done = context != NULL &&
		       EVP_DecryptInit_ex(context, chacha20_poly1305, NULL, key, nonce) == 1 &&
		       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag) == 1 &&
		       (additional_length == 0 ||
			EVP_DecryptUpdate(context, NULL, &n, additional, (int)additional_length) == 1) &&
		       EVP_DecryptUpdate(context, plaintext, &n, sealed, (int)length) == 1 &&
		       EVP_DecryptFinal_ex(context, plaintext + n, &rest) == 1 && (size_t)(n + rest) == length;

	if (!is_done)
		ERR_clear_error();
	EVP_CIPHER_CTX_free(context);
	return is_done;
}

bool xchacha20_poly1305_seal(const uint8_t *key, const uint8_t *nonce, const uint8_t *plaintext, size_t length,
			     const uint8_t *additional, size_t additional_length, uint8_t *sealed)
{
	EVP_CIPHER_CTX *context = is_fetched() ? EVP_CIPHER_CTX_new() : NULL;
	uint8_t subkey[KEY_BYTES];
	uint8_t short_nonce[NONCE_BYTES] = { 0 };
	bool is_done = false;

	memcpy(short_nonce + 4, nonce + 16, 8);
	if (context != NULL && hchacha20(context, key, nonce, subkey))
		is_done = aead_seal(context, subkey, short_nonce, plaintext, length, additional, additional_length,
				    sealed);
	OPENSSL_cleanse(subkey, sizeof(subkey));
	EVP_CIPHER_CTX_free(context);
	return is_done;
}
