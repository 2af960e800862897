// A security key in software, for OpenSSH's middleware interface (PROTOCOL.u2f, sk-api.h version 10): real keys and
// signatures, which a real sshd verifies; only the hardware and the finger on it are missing. Built with
// -DNOBODY_TOUCHES it waits for that finger until nobody wants the signature any more.
//
// Its credential's handle is the seed of the private key, so that nothing has to be kept between two calls.
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { version = 0x000a0000, ed25519 = 1, user_presence = 1, general_failure = -1, unsupported = -2 };

struct enrollment {
    uint8_t flags;
    uint8_t *public_key;
    size_t public_key_size;
    uint8_t *handle;
    size_t handle_size;
    uint8_t *signature;
    size_t signature_size;
    uint8_t *certificate;
    size_t certificate_size;
    uint8_t *authenticator_data;
    size_t authenticator_data_size;
};

struct signature {
    uint8_t flags;
    uint32_t counter;
    uint8_t *r;
    size_t r_size;
    uint8_t *s;
    size_t s_size;
};

uint32_t sk_api_version(void) { return version; }

int sk_enroll(uint32_t algorithm, const uint8_t *challenge, size_t challenge_size, const char *application,
              uint8_t flags, const char *pin, void **options, struct enrollment **result) {
    if (algorithm != ed25519) return unsupported;
    struct enrollment *made = calloc(1, sizeof *made);
    made->flags = flags;
    made->handle_size = made->public_key_size = 32;
    made->handle = malloc(32);
    made->public_key = malloc(32);
    made->signature = calloc(1, 1);
    made->certificate = calloc(1, 1);
    made->authenticator_data = calloc(1, 1);
    if (RAND_bytes(made->handle, 32) != 1) return general_failure;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, made->handle, 32);
    int ok = EVP_PKEY_get_raw_public_key(key, made->public_key, &made->public_key_size);
    EVP_PKEY_free(key);
    *result = made;
    return ok == 1 ? 0 : general_failure;
}

int sk_sign(uint32_t algorithm, const uint8_t *data, size_t size, const char *application, const uint8_t *handle,
            size_t handle_size, uint8_t flags, const char *pin, void **options, struct signature **result) {
    if (algorithm != ed25519 || handle_size != 32) return unsupported;
#ifdef NOBODY_TOUCHES
    // The helper's standard input is its line to ssh.
    return poll(&(struct pollfd){.fd = 0}, 1, 60000), general_failure;
#endif
    struct signature *made = calloc(1, sizeof *made);
    made->flags = flags & user_presence;
    made->counter = 1;
    // WebAuthn's assertion: hash of the application, flags, counter, hash of the data.
    uint8_t message[32 + 1 + 4 + 32] = {0};
    SHA256((const uint8_t *)application, strlen(application), message);
    message[32] = made->flags;
    message[36] = made->counter;
    SHA256(data, size, message + 37);
    made->r_size = 64;
    made->r = malloc(64);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, handle, 32);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int ok = EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1
        && EVP_DigestSign(context, made->r, &made->r_size, message, sizeof message) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    *result = made;
    return ok ? 0 : general_failure;
}

int sk_load_resident_keys(const char *pin, void **options, void ***keys, size_t *count) { return unsupported; }
