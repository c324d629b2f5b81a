#include "aead.h"

#include <openssl/evp.h>

#include "bytes.h"

enum { NONCE_BYTES = 12 };

bool aead_init(struct aead *aead, const uint8_t *key, bool seals)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

	aead->context = context;
	if (context != NULL &&
	    EVP_CipherInit_ex(context, EVP_chacha20_poly1305(), NULL, key, NULL, seals ? 1 : 0) == 1)
		return true;
	aead_free(aead);
	return false;
}

static bool set_counter(EVP_CIPHER_CTX *context, uint64_t counter)
{
	uint8_t nonce[NONCE_BYTES] = { 0 };

	store_le64(nonce + 4, counter);
	return EVP_CipherInit_ex(context, NULL, NULL, NULL, nonce, -1) == 1;
}

bool aead_seal(struct aead *aead, uint64_t counter, uint8_t *dst, const uint8_t *src, size_t length)
{
	EVP_CIPHER_CTX *context = aead->context;
	int written = 0, last = 0;

	if (!set_counter(context, counter))
		return false;
	if (length > 0 && EVP_EncryptUpdate(context, dst, &written, src, (int)length) != 1)
		return false;
	return EVP_EncryptFinal_ex(context, dst + written, &last) == 1 &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_BYTES, dst + length) == 1;
}

bool aead_open(struct aead *aead, uint64_t counter, uint8_t *dst, const uint8_t *src, size_t length)
{
	EVP_CIPHER_CTX *context = aead->context;
	int written = 0, last = 0;

	if (length < AEAD_TAG_BYTES || !set_counter(context, counter))
		return false;
	length -= AEAD_TAG_BYTES;
	if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_BYTES, (void *)(src + length)) != 1)
		return false;
	if (length > 0 && EVP_DecryptUpdate(context, dst, &written, src, (int)length) != 1)
		return false;
	return EVP_DecryptFinal_ex(context, dst + written, &last) == 1;
}

void aead_free(struct aead *aead)
{
	EVP_CIPHER_CTX_free(aead->context);
	aead->context = NULL;
}
