import type { Store } from '@coxswain/store';
import { encodeStored } from '../../storage/encode.ts';

const prefix = '/registry/masterleases/';
/** `--endpoint-reconciler-type=lease`: a server that was not heard of for so long is none. */
const leaseSeconds = 15;

/** Which API servers of a store are alive, by their addresses: each keeps a key that runs out. */
export class ServerLeases {
  readonly #store: Store;
  readonly #ip: string;

  constructor(store: Store, ip: string) {
    this.#store = store;
    this.#ip = ip;
  }

  /** Says for another 15 s that this server is alive. */
  async renew(): Promise<void> {
    const key = prefix + this.#ip;
    // As upstream stores it, so that its servers find the address; the name is of no matter.
    const value = encodeStored({
      kind: 'Endpoints',
      apiVersion: 'v1',
      metadata: {},
      subsets: [{ addresses: [{ ip: this.#ip }] }],
    });
    for (let current = await this.#store.get(key); ; ) {
      const result =
        current === undefined
          ? await this.#store.create(key, value, { leaseSeconds })
          : await this.#store.update(key, value, current.modRevision, { leaseSeconds });
      if (result.ok) return;
      current = result.current;
    }
  }

  /** The addresses of all servers that are alive, in order. */
  async alive(): Promise<string[]> {
    const { kvs } = await this.#store.range({ prefix });
    return kvs.map((kv) => kv.key.slice(prefix.length)).sort();
  }

  /** This server goes. */
  async remove(): Promise<void> {
    const key = prefix + this.#ip;
    for (let current = await this.#store.get(key); current !== undefined; ) {
      const result = await this.#store.delete(key, current.modRevision);
      current = result.ok ? undefined : result.current;
    }
  }
}
