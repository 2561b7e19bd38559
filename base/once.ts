/** Reads once for each key, also when it is read again before the first read has ended. A read that fails stays so. */
export function oncePerKey<K, T>(read: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const known = new Map<K, Promise<T>>();
  return (key) => {
    const found = known.get(key) ?? read(key);
    known.set(key, found);
    return found;
  };
}
