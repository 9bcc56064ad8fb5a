package dev.lockstep.core.routing;

import dev.lockstep.core.config.Cidr;
import dev.lockstep.core.config.IpAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a client address may come in, without parsing or allocating per request.
 *
 * <p>Immutable. Fails closed: an empty list lets nobody in, and an address that is neither IPv4 nor
 * IPv6 lies in no block.
 */
public final class SourceFilter {

  /** Lets everyone in. */
  public static final SourceFilter EVERYONE = new SourceFilter(null);

  private record Block(byte[] address, int prefix) {

    boolean contains(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      int whole = prefix >> 3;
      if (!Arrays.equals(address, 0, whole, other, 0, whole)) {
        return false;
      }
      int rest = prefix & 7;
      return rest == 0 || ((address[whole] ^ other[whole]) & 255) >> (8 - rest) == 0;
    }
  }

  private final Block @Nullable [] blocks;

  private SourceFilter(Block @Nullable [] blocks) {
    this.blocks = blocks;
  }

  /** {@return the filter that lets in only these, or everyone when no list is given} */
  public static SourceFilter of(Optional<List<Cidr>> allowed) {
    if (allowed.isEmpty()) {
      return EVERYONE;
    }
    return new SourceFilter(allowed.get().stream().map(SourceFilter::block).toArray(Block[]::new));
  }

  private static Block block(Cidr cidr) {
    int slash = cidr.text().indexOf('/');
    byte[] address = IpAddress.parse(cidr.text().substring(0, slash)).orElseThrow();
    return new Block(address, Integer.parseInt(cidr.text().substring(slash + 1)));
  }

  /** {@return whether this address may come in; a mapped IPv4 address counts as IPv4} */
  public boolean allows(byte[] address) {
    Block[] only = blocks;
    if (only == null) {
      return true;
    }
    byte[] plain = IpAddress.unmapped(address);
    for (Block block : only) {
      if (block.contains(plain)) {
        return true;
      }
    }
    return false;
  }
}
