/* The primitives of handshakes, as JavaScript calls them. */
#define _GNU_SOURCE
#include "addon.h"
#include "call.h"
#include "primitives.h"

enum { MAX_PARTS = 5 };

/* Byte arrays of a call: a part that is empty has length 0 and no bytes. */
struct parts {
	const uint8_t *bytes[MAX_PARTS];
	size_t lengths[MAX_PARTS];
};

static bool parts_of(napi_env env, napi_callback_info info, struct parts *parts, size_t first, size_t n_parts,
		     napi_value *arguments)
{
	size_t n = first + n_parts;

	if (napi_get_cb_info(env, info, &n, arguments, NULL, NULL) != napi_ok || n < first + n_parts) {
		fail(env, "wrong arguments");
		return false;
	}
	for (size_t i = 0; i < n_parts; i++) {
		parts->lengths[i] = 0;
		parts->bytes[i] = bytes_at(env, arguments[first + i], &parts->lengths[i]);
		if (parts->bytes[i] == NULL)
			parts->lengths[i] = 0;
	}
	return true;
}

/* A new Uint8Array, and where its bytes are. */
static napi_value new_bytes(napi_env env, size_t length, uint8_t **bytes)
{
	napi_value buffer, array;
	void *data = NULL;

	if (napi_create_arraybuffer(env, length, &data, &buffer) != napi_ok ||
	    napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &array) != napi_ok)
		return fail(env, "no memory");
	*bytes = data;
	return array;
}

static void free_key(napi_env env, void *key, void *hint)
{
	(void)env;
	(void)hint;
	x25519_free(key);
}

/* importX25519(privateKey): a key to derive with */
napi_value import_x25519(napi_env env, napi_callback_info info)
{
	struct parts parts;
	napi_value arguments[1], result;

	if (!parts_of(env, info, &parts, 0, 1, arguments))
		return NULL;
	struct x25519_key *key = parts.lengths[0] == KEY_BYTES ? x25519_import(parts.bytes[0]) : NULL;
	if (key == NULL)
		return fail(env, "no X25519 key");
	if (napi_create_external(env, key, free_key, NULL, &result) == napi_ok)
		return result;
	x25519_free(key);
	return fail(env, "no memory");
}

static struct x25519_key *key_at(napi_env env, napi_value value)
{
	void *key = NULL;

	return napi_get_value_external(env, value, &key) == napi_ok ? key : NULL;
}

/* publicX25519(key) */
napi_value public_x25519(napi_env env, napi_callback_info info)
{
	struct parts parts;
	napi_value arguments[1];
	uint8_t *bytes = NULL;

	if (!parts_of(env, info, &parts, 1, 0, arguments))
		return NULL;
	struct x25519_key *key = key_at(env, arguments[0]);
	napi_value result = new_bytes(env, KEY_BYTES, &bytes);
	return key != NULL && bytes != NULL && x25519_public(key, bytes) ? result : fail(env, "no X25519 key");
}

/* sharedX25519(key, publicKey): nothing for a low-order point */
napi_value shared_x25519(napi_env env, napi_callback_info info)
{
	struct parts parts;
	napi_value arguments[2];
	uint8_t *bytes = NULL;

	if (!parts_of(env, info, &parts, 1, 1, arguments))
		return NULL;
	struct x25519_key *key = key_at(env, arguments[0]);
	if (key == NULL || parts.lengths[0] != KEY_BYTES)
		return fail(env, "no X25519 key");
	napi_value result = new_bytes(env, KEY_BYTES, &bytes);
	if (bytes == NULL)
		return NULL;
	return x25519_shared(key, parts.bytes[0], bytes) ? result : nothing(env);
}

/* blake2s(message) */
napi_value blake2s_call(napi_env env, napi_callback_info info)
{
	struct parts parts;
	napi_value arguments[1];
	uint8_t *bytes = NULL;

	if (!parts_of(env, info, &parts, 0, 1, arguments))
		return NULL;
	napi_value result = new_bytes(env, HASH_BYTES, &bytes);
	return bytes != NULL && blake2s_hash(parts.bytes[0], parts.lengths[0], bytes) ? result
										     : fail(env, "no BLAKE2s");
}

/* hmacBlake2s(key, message) */
napi_value hmac_blake2s(napi_env env, napi_callback_info info)
{
	struct parts parts;
	napi_value arguments[2];
	uint8_t *bytes = NULL;

	if (!parts_of(env, info, &parts, 0, 2, arguments))
		return NULL;
	napi_value result = new_bytes(env, HASH_BYTES, &bytes);
	return bytes != NULL && blake2s_hmac(parts.bytes[0], parts.lengths[0], parts.bytes[1], parts.lengths[1], bytes)
		       ? result
		       : fail(env, "no HMAC of BLAKE2s");
}

/* macBlake2s(key, message): keyed BLAKE2s of 16 bytes */
napi_value mac_blake2s(napi_env env, napi_callback_info info)
{
	struct parts parts;
	napi_value arguments[2];
	uint8_t *bytes = NULL;

	if (!parts_of(env, info, &parts, 0, 2, arguments))
		return NULL;
	napi_value result = new_bytes(env, MAC_BYTES, &bytes);
	return bytes != NULL && blake2s_mac(parts.bytes[0], parts.lengths[0], parts.bytes[1], parts.lengths[1], bytes)
		       ? result
		       : fail(env, "no keyed BLAKE2s");
}

/* xSeal(key, nonce, plaintext, additionalData) */
napi_value x_seal(napi_env env, napi_callback_info info)
{
	struct parts parts;
	napi_value arguments[4];
	uint8_t *bytes = NULL;

	if (!parts_of(env, info, &parts, 0, 4, arguments))
		return NULL;
	if (parts.lengths[0] != KEY_BYTES || parts.lengths[1] != XNONCE_BYTES)
		return fail(env, "key and nonce have 32 and 24 bytes");
	napi_value result = new_bytes(env, parts.lengths[2] + TAG_BYTES, &bytes);
	return bytes != NULL && xchacha20_poly1305_seal(parts.bytes[0], parts.bytes[1], parts.bytes[2], parts.lengths[2],
							parts.bytes[3], parts.lengths[3], bytes)
		       ? result
		       : fail(env, "no XChaCha20-Poly1305");
}

/* A counter is a BigInt of 64 bits. */
static bool counter_of(napi_env env, napi_value value, uint64_t *counter)
{
	bool is_lossless = false;

	return napi_get_value_bigint_uint64(env, value, counter, &is_lossless) == napi_ok && is_lossless;
}

/* aeadSeal(counter, key, plaintext, additionalData, to): `to` has room for the tag, and may be the plaintext's own bytes */
napi_value aead_seal_call(napi_env env, napi_callback_info info)
{
	struct parts parts;
	napi_value arguments[5];
	uint64_t counter;

	if (!parts_of(env, info, &parts, 1, 4, arguments))
		return NULL;
	if (!counter_of(env, arguments[0], &counter) || parts.lengths[0] != KEY_BYTES ||
	    parts.lengths[3] < parts.lengths[1] + TAG_BYTES)
		return fail(env, "a key has 32 bytes, and what is sealed has 16 more");
	return chacha20_poly1305_seal(parts.bytes[0], counter, parts.bytes[1], parts.lengths[1], parts.bytes[2],
				      parts.lengths[2], (uint8_t *)parts.bytes[3])
		       ? nothing(env)
		       : fail(env, "no ChaCha20-Poly1305");
}

/* aeadOpen(counter, key, sealed, additionalData): nothing where the tag is wrong */
napi_value aead_open_call(napi_env env, napi_callback_info info)
{
	struct parts parts;
	napi_value arguments[4];
	uint64_t counter;
	uint8_t *bytes = NULL;

	if (!parts_of(env, info, &parts, 1, 3, arguments))
		return NULL;
	if (!counter_of(env, arguments[0], &counter) || parts.lengths[0] != KEY_BYTES ||
	    parts.lengths[1] < TAG_BYTES)
		return fail(env, "a key has 32 bytes, and what is opened 16 or more");
	size_t length = parts.lengths[1] - TAG_BYTES;
	napi_value result = new_bytes(env, length, &bytes);
	if (result == NULL)
		return NULL;
	return chacha20_poly1305_open(parts.bytes[0], counter, parts.bytes[1], length, parts.bytes[2],
				      parts.lengths[2], bytes)
		       ? result
		       : nothing(env);
}
