/** The maps and sets of the base table that services put elements into. */
export type ElementTable =
  | 'service-ips'
  | 'service-nodeports'
  | 'no-endpoint-services'
  | 'no-endpoint-nodeports'
  | 'firewall-ips'
  | 'cluster-ips'
  | 'hairpin-connections';

/** What one service brings into the table. Pure data: equal fragments mean equal rules. */
export interface Fragment {
  /** Rules by chain, in order. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Affinity sets and their timeout in seconds. The kernel fills them. */
  readonly affinitySets: ReadonlyMap<string, number>;
  /** By table, the elements: key and value; the value is '' in a set. */
  readonly elements: ReadonlyMap<ElementTable, ReadonlyMap<string, string>>;
}

export const emptyFragment: Fragment = { chains: new Map(), affinitySets: new Map(), elements: new Map() };
