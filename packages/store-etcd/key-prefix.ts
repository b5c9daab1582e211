/** What keys begin with in the store. */
const own = '/registry';

/** Keys of the store as they are in an etcd whose keys begin with another prefix (`--etcd-prefix`). */
export class KeyPrefix {
  readonly #etcd: string;

  constructor(prefix: string = own) {
    this.#etcd = `/${prefix.replace(/^\/+|\/+$/g, '')}`;
  }

  toEtcd(key: string): string {
    return this.#etcd !== own && key.startsWith(`${own}/`) ? this.#etcd + key.slice(own.length) : key;
  }

  fromEtcd(key: string): string {
    return this.#etcd !== own && key.startsWith(`${this.#etcd}/`) ? own + key.slice(this.#etcd.length) : key;
  }
}
