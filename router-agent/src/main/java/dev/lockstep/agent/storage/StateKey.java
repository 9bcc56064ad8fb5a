package dev.lockstep.agent.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals what goes to disk: AES-256 in GCM (NIST SP 800-38D), a random nonce each. Sealed data that
 * was damaged, cut, or moved to another place does not open.
 *
 * <p>The key is a file of 32 random bytes. It protects the state where the state goes without it: a
 * copied volume, a backup. Who can read both files can read the private keys.
 */
final class StateKey {
  /** A nonce before, a tag behind. */
  static final int OVERHEAD = 12 + 16;

  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;
  private final SecureRandom random = new SecureRandom();

  private StateKey(byte[] key) {
    this.key = new SecretKeySpec(key, "AES");
  }

  /** {@return the key in the file, which is made if there is none} */
  static StateKey in(Path file) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      bytes = create(file);
    }
    if (bytes.length != KEY_BYTES) {
      throw new IOException(file + ": " + bytes.length + " bytes (expected: " + KEY_BYTES + ")");
    }
    return new StateKey(bytes);
  }

  private static byte[] create(Path file) throws IOException {
    byte[] bytes = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(bytes);
    Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
    PrivateFiles.replace(unfinished, bytes);
    PrivateFiles.moveInPlace(unfinished, file);
    return bytes;
  }

  /** {@return the data, readable only with this key and at this place} */
  byte[] seal(byte[] plain, byte[] place) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] sealed = Arrays.copyOf(nonce, OVERHEAD + plain.length);
      cipher(Cipher.ENCRYPT_MODE, nonce, place)
          .doFinal(plain, 0, plain.length, sealed, NONCE_BYTES);
      return sealed;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has AES-GCM", e);
    }
  }

  /** {@return the data, if it was sealed with this key for this place and not touched since} */
  Optional<byte[]> open(byte[] sealed, byte[] place) {
    if (sealed.length < OVERHEAD) {
      return Optional.empty();
    }
    byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
    try {
      return Optional.of(
          cipher(Cipher.DECRYPT_MODE, nonce, place)
              .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has AES-GCM", e);
    }
  }

  private Cipher cipher(int mode, byte[] nonce, byte[] place) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(place);
    return cipher;
  }
}
