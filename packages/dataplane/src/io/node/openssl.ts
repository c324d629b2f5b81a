/** The few calls of Node's own OpenSSL that keep a cipher's context, which `node:crypto` makes anew for each message. */
import { err, ok, type Result } from '@flatland/shared/result';
import { ownSymbols } from './own-symbols.ts';

/** An `EVP_CIPHER_CTX`, `EVP_CIPHER` or `ENGINE`. */
export type Pointer = object | null;
type Bytes = Uint8Array | null;

/** OpenSSL's functions by their names without `EVP_`; those that give a number give 1 where they worked. */
export interface Openssl {
  newCipherContext(): Pointer;
  chacha20Poly1305(): Pointer;
  encryptInit(context: Pointer, cipher: Pointer, engine: Pointer, key: Bytes, iv: Bytes): number;
  encryptUpdate(context: Pointer, dst: Bytes, dstLength: Uint8Array, src: Uint8Array, length: number): number;
  encryptFinal(context: Pointer, dst: Uint8Array, dstLength: Uint8Array): number;
  decryptInit(context: Pointer, cipher: Pointer, engine: Pointer, key: Bytes, iv: Bytes): number;
  decryptUpdate(context: Pointer, dst: Bytes, dstLength: Uint8Array, src: Uint8Array, length: number): number;
  decryptFinal(context: Pointer, dst: Uint8Array, dstLength: Uint8Array): number;
  controlCipher(context: Pointer, type: number, argument: number, bytes: Uint8Array): number;
}

let loaded: Result<Openssl, string> | undefined;

/** Loads the calls once; an error for people where the native loader has no build, or Node's program does not have them. */
export function loadOpenssl(): Result<Openssl, string> {
  loaded ??= load();
  return loaded;
}

function load(): Result<Openssl, string> {
  try {
    const { library } = ownSymbols();
    const init = (name: string) =>
      library.func(`int ${name}(void *context, void *cipher, void *engine, const void *key, const void *iv)`);
    const update = (name: string) =>
      library.func(`int ${name}(void *context, void *dst, void *dstLength, const void *src, int length)`);
    const final = (name: string) => library.func(`int ${name}(void *context, void *dst, void *dstLength)`);
    return ok({
      newCipherContext: library.func('void *EVP_CIPHER_CTX_new()'),
      chacha20Poly1305: library.func('void *EVP_chacha20_poly1305()'),
      encryptInit: init('EVP_EncryptInit_ex'),
      encryptUpdate: update('EVP_EncryptUpdate'),
      encryptFinal: final('EVP_EncryptFinal_ex'),
      decryptInit: init('EVP_DecryptInit_ex'),
      decryptUpdate: update('EVP_DecryptUpdate'),
      decryptFinal: final('EVP_DecryptFinal_ex'),
      controlCipher: library.func(
        'int EVP_CIPHER_CTX_ctrl(void *context, int type, int argument, void *bytes)',
      ),
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return err(`cannot call Node's OpenSSL: ${message}`);
  }
}
