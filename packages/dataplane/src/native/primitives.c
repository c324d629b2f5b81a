#include "primitives.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>

static EVP_MD *blake2s;
static EVP_MAC *hmac;
static EVP_MAC *keyed_blake2s;

static void fetch(void)
{
	blake2s = EVP_MD_fetch(NULL, "BLAKE2S-256", NULL);
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	keyed_blake2s = EVP_MAC_fetch(NULL, "BLAKE2SMAC", NULL);
}

static bool is_fetched(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch);
	return blake2s != NULL && hmac != NULL && keyed_blake2s != NULL;
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

static bool authenticate(EVP_MAC *kind, const OSSL_PARAM *parameters, const uint8_t *key, size_t key_length,
			 const uint8_t *message, size_t length, uint8_t *out, size_t out_length)
{
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(kind);
	size_t n = 0;
	bool is_done = context != NULL && EVP_MAC_init(context, key, key_length, parameters) == 1 &&
		       EVP_MAC_update(context, message, length) == 1 &&
		       EVP_MAC_final(context, out, &n, out_length) == 1 && n == out_length;

	EVP_MAC_CTX_free(context);
	return is_done;
}

bool blake2s_hmac(const uint8_t *key, size_t key_length, const uint8_t *message, size_t length, uint8_t *hash)
{
	char digest[] = "BLAKE2S-256";
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};

	return is_fetched() && authenticate(hmac, parameters, key, key_length, message, length, hash, HASH_BYTES);
}

bool blake2s_mac(const uint8_t *key, size_t key_length, const uint8_t *message, size_t length, uint8_t *mac)
{
	size_t size = MAC_BYTES;
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
		OSSL_PARAM_construct_end(),
	};

	return is_fetched() &&
	       authenticate(keyed_blake2s, parameters, key, key_length, message, length, mac, MAC_BYTES);
}
