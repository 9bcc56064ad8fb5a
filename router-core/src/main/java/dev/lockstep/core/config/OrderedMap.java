package dev.lockstep.core.config;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map with ordered text keys, of which a changed copy shares all but O(log n) nodes.
 *
 * <p>How it works: a treap (Seidel and Aragon, "Randomized search trees", 1996) whose priorities
 * are a hash of the key. So the shape depends on the keys alone and never on the history, which
 * buys two things: a digest over the tree is canonical and costs O(change &middot; log n), because
 * a node remembers it; and two maps that came from one another share their common parts by
 * identity, so that {@link #diff} skips them.
 *
 * <p>Immutable; the remembered digest is computed at most a few times when threads race.
 *
 * @param <V> the values; equal values must be interchangeable
 */
public final class OrderedMap<V> implements Iterable<OrderedMap.Mapping<V>> {

  /** One key and its value. */
  public record Mapping<V>(String key, V value) {}

  private static final byte[] NO_DIGEST = new byte[32];

  private static final class Node<V> {
    final String key;
    final V value;
    final long priority;
    final @Nullable Node<V> left;
    final @Nullable Node<V> right;
    final int size;
    private byte @Nullable [] digest;

    Node(String key, V value) {
      this(key, value, priority(key), null, null);
    }

    private Node(
        String key, V value, long priority, @Nullable Node<V> left, @Nullable Node<V> right) {
      this.key = key;
      this.value = value;
      this.priority = priority;
      this.left = left;
      this.right = right;
      this.size = 1 + sizeOf(left) + sizeOf(right);
    }

    Node<V> withLeft(@Nullable Node<V> changed) {
      return new Node<>(key, value, priority, changed, right);
    }

    Node<V> withRight(@Nullable Node<V> changed) {
      return new Node<>(key, value, priority, left, changed);
    }

    Node<V> withValue(V changed) {
      return new Node<>(key, changed, priority, left, right);
    }

    boolean outranks(Node<V> other) {
      // Equal priorities are ordered by key, so that the shape stays a function of the keys.
      return priority != other.priority ? priority > other.priority : key.compareTo(other.key) < 0;
    }

    byte[] digest(Function<? super V, byte[]> of) {
      byte[] known = digest;
      if (known == null) {
        byte[] below = left == null ? NO_DIGEST : left.digest(of);
        byte[] above = right == null ? NO_DIGEST : right.digest(of);
        known =
            Digest.sha256(below, new CanonicalText().field(key).sha256(), of.apply(value), above);
        digest = known;
      }
      return known;
    }
  }

  private static final OrderedMap<Object> EMPTY = new OrderedMap<>(null);

  private final @Nullable Node<V> root;

  private OrderedMap(@Nullable Node<V> root) {
    this.root = root;
  }

  /** {@return the map without mappings} */
  @SuppressWarnings("unchecked") // An empty map holds no value of any type.
  public static <V> OrderedMap<V> empty() {
    return (OrderedMap<V>) EMPTY;
  }

  /** {@return the number of mappings} */
  public int size() {
    return sizeOf(root);
  }

  /** {@return whether there is no mapping} */
  public boolean isEmpty() {
    return root == null;
  }

  /** {@return the value of the key} */
  public Optional<V> get(String key) {
    Node<V> node = root;
    while (node != null) {
      int order = key.compareTo(node.key);
      if (order == 0) {
        return Optional.of(node.value);
      }
      node = order < 0 ? node.left : node.right;
    }
    return Optional.empty();
  }

  /** {@return whether the key has a value} */
  public boolean contains(String key) {
    return get(key).isPresent();
  }

  /** {@return this map with the key bound to the value; itself if it is bound to an equal one} */
  public OrderedMap<V> with(String key, V value) {
    Optional<V> old = get(key);
    if (old.isPresent() && old.get().equals(value)) {
      return this;
    }
    return new OrderedMap<>(insert(root, new Node<>(key, value)));
  }

  /** {@return this map without the key; itself if the key is not there} */
  public OrderedMap<V> without(String key) {
    return contains(key) ? new OrderedMap<>(remove(root, key)) : this;
  }

  /** {@return the values in the order of their keys} */
  public List<V> values() {
    List<V> values = new ArrayList<>(size());
    for (Mapping<V> mapping : this) {
      values.add(mapping.value());
    }
    return values;
  }

  /** {@return the mappings whose keys start with the prefix, in order} */
  public List<Mapping<V>> withPrefix(String prefix) {
    List<Mapping<V>> found = new ArrayList<>();
    Iterator<Mapping<V>> from = iteratorFrom(prefix);
    while (from.hasNext()) {
      Mapping<V> mapping = from.next();
      if (!mapping.key().startsWith(prefix)) {
        break;
      }
      found.add(mapping);
    }
    return found;
  }

  /**
   * Tells each key whose value differs between this map and the target: with the new value, or with
   * an empty one where the target has none. Parts that both maps share are not visited.
   */
  public void diff(OrderedMap<V> target, BiConsumer<String, Optional<V>> change) {
    diff(root, target.root, change);
  }

  /** {@return the digest over all mappings, given the digest of a value} */
  public byte[] digest(Function<? super V, byte[]> of) {
    return root == null ? NO_DIGEST.clone() : root.digest(of).clone();
  }

  @Override
  public Iterator<Mapping<V>> iterator() {
    return iteratorFrom("");
  }

  private Iterator<Mapping<V>> iteratorFrom(String first) {
    Deque<Node<V>> path = new ArrayDeque<>();
    Node<V> node = root;
    while (node != null) {
      if (node.key.compareTo(first) >= 0) {
        path.push(node);
        node = node.left;
      } else {
        node = node.right;
      }
    }
    return new InOrder<>(path);
  }

  /** Walks upwards from the smallest node on the path. */
  private static final class InOrder<V> implements Iterator<Mapping<V>> {
    private final Deque<Node<V>> path;

    InOrder(Deque<Node<V>> path) {
      this.path = path;
    }

    @Override
    public boolean hasNext() {
      return !path.isEmpty();
    }

    @Override
    public Mapping<V> next() {
      Node<V> node = path.poll();
      if (node == null) {
        throw new NoSuchElementException();
      }
      Node<V> below = node.right;
      while (below != null) {
        path.push(below);
        below = below.left;
      }
      return new Mapping<>(node.key, node.value);
    }
  }

  private static int sizeOf(@Nullable Node<?> node) {
    return node == null ? 0 : node.size;
  }

  private static <V> Node<V> insert(@Nullable Node<V> tree, Node<V> added) {
    if (tree == null) {
      return added;
    }
    int order = added.key.compareTo(tree.key);
    if (order == 0) {
      return tree.withValue(added.value);
    }
    if (order < 0) {
      Node<V> left = insert(tree.left, added);
      return left.outranks(tree) ? left.withRight(tree.withLeft(left.right)) : tree.withLeft(left);
    }
    Node<V> right = insert(tree.right, added);
    return right.outranks(tree)
        ? right.withLeft(tree.withRight(right.left))
        : tree.withRight(right);
  }

  private static <V> @Nullable Node<V> remove(@Nullable Node<V> tree, String key) {
    if (tree == null) {
      return null;
    }
    int order = key.compareTo(tree.key);
    if (order == 0) {
      return join(tree.left, tree.right);
    }
    return order < 0
        ? tree.withLeft(remove(tree.left, key))
        : tree.withRight(remove(tree.right, key));
  }

  private static <V> @Nullable Node<V> join(@Nullable Node<V> left, @Nullable Node<V> right) {
    if (left == null) {
      return right;
    }
    if (right == null) {
      return left;
    }
    return left.outranks(right)
        ? left.withRight(join(left.right, right))
        : right.withLeft(join(left, right.left));
  }

  private record Split<V>(
      @Nullable Node<V> below, @Nullable Node<V> equal, @Nullable Node<V> above) {}

  private static <V> Split<V> split(@Nullable Node<V> tree, String key) {
    if (tree == null) {
      return new Split<>(null, null, null);
    }
    int order = key.compareTo(tree.key);
    if (order == 0) {
      return new Split<>(tree.left, tree, tree.right);
    }
    if (order < 0) {
      Split<V> split = split(tree.left, key);
      // A border outside this subtree keeps the node itself, so that shared parts stay shared.
      return new Split<>(split.below, split.equal, tree.withLeft(split.above));
    }
    Split<V> split = split(tree.right, key);
    return new Split<>(tree.withRight(split.below), split.equal, split.above);
  }

  private static <V> void diff(
      @Nullable Node<V> from, @Nullable Node<V> to, BiConsumer<String, Optional<V>> change) {
    if (from == to) {
      return;
    }
    if (to == null) {
      forEach(from, node -> change.accept(node.key, Optional.empty()));
      return;
    }
    if (from != null && from.key.equals(to.key)) {
      diff(from.left, to.left, change);
      reportIfChanged(from, to, change);
      diff(from.right, to.right, change);
      return;
    }
    Split<V> split = split(from, to.key);
    diff(split.below, to.left, change);
    reportIfChanged(split.equal, to, change);
    diff(split.above, to.right, change);
  }

  private static <V> void reportIfChanged(
      @Nullable Node<V> from, Node<V> to, BiConsumer<String, Optional<V>> change) {
    if (from == null || !from.value.equals(to.value)) {
      change.accept(to.key, Optional.of(to.value));
    }
  }

  private static <V> void forEach(
      @Nullable Node<V> tree, java.util.function.Consumer<Node<V>> visit) {
    if (tree != null) {
      forEach(tree.left, visit);
      visit.accept(tree);
      forEach(tree.right, visit);
    }
  }

  /**
   * The first eight bytes of the key's SHA-256: whoever chooses keys cannot choose the shape, and
   * so cannot make a deep tree.
   */
  private static long priority(String key) {
    byte[] hash = Digest.sha256(key.getBytes(StandardCharsets.UTF_8));
    long priority = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      priority = priority << 8 | (hash[i] & 255);
    }
    return priority;
  }

  @Override
  public boolean equals(Object other) {
    if (!(other instanceof OrderedMap<?> map) || map.size() != size()) {
      return false;
    }
    Iterator<? extends Mapping<?>> theirs = map.iterator();
    for (Mapping<V> mine : this) {
      if (!mine.equals(theirs.next())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = 0;
    for (Mapping<V> mapping : this) {
      hash = 31 * hash + mapping.hashCode();
    }
    return hash;
  }

  @Override
  public String toString() {
    return values().toString();
  }
}
