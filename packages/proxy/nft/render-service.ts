import { createHash } from 'node:crypto';
import type { EndpointChoice } from '../categorize-endpoints.ts';
import type { Endpoint } from '../endpoint.ts';
import { type ServicePort, servicePortKey } from '../service-port.ts';
import type { ElementTable, Fragment } from './fragment.ts';

export interface RenderOptions {
  /** Sources that are pods: what they send keeps its source. Empty when not known: nothing is masqueraded for it. */
  readonly clusterCidrs: readonly string[];
}

/** Chain names hold at most 128 bytes for every nft there is; the hash tells cut ones apart. */
const longestName = 120;

/**
 * The rules of one service port: one chain with a random choice among its endpoints (no chain per endpoint
 * unless clients stick to theirs), and the map elements that lead to it.
 */
export function renderServicePort(
  service: ServicePort,
  choice: EndpointChoice,
  options: RenderOptions,
): Fragment {
  return new Renderer(service, options).render(choice);
}

class Renderer {
  readonly #service: ServicePort;
  readonly #options: RenderOptions;
  readonly #chains = new Map<string, readonly string[]>();
  readonly #affinitySets = new Map<string, number>();
  readonly #elements = new Map<ElementTable, Map<string, string>>();

  constructor(service: ServicePort, options: RenderOptions) {
    this.#service = service;
    this.#options = options;
  }

  render(choice: EndpointChoice): Fragment {
    const service = this.#service;
    this.#element('cluster-ips', service.clusterIP, '');
    const cluster = this.#balancer('service', choice.cluster);
    const local = this.#balancer('local', choice.local);
    this.#internal(service.internalLocal ? local : cluster, choice.any);
    this.#external(cluster, local, choice.any);
    this.#firewall();
    return { chains: this.#chains, affinitySets: this.#affinitySets, elements: this.#elements };
  }

  /** Traffic to the cluster address. */
  #internal(target: string | undefined, any: boolean): void {
    const { clusterIP, port, internalLocal } = this.#service;
    if (target === undefined) {
      this.#element('no-endpoint-services', this.#key(clusterIP, port), this.#refusal(any, 'internal'));
      return;
    }
    const blocks = this.#options.clusterCidrs;
    const key = this.#key(clusterIP, port);
    if (blocks.length === 0) {
      this.#element('service-ips', key, `goto ${target}`);
      return;
    }
    const hide = `ip saddr != ${oneOf(blocks)} jump mark-for-masquerade`;
    if (internalLocal) {
      // The same chain serves outside traffic, whose source must stay: so this rule cannot stand in it.
      const chain = this.#name('internal');
      this.#chains.set(chain, [hide, `goto ${target}`]);
      this.#element('service-ips', key, `goto ${chain}`);
      return;
    }
    // Whatever else comes to the chain of all endpoints is marked already, or from a pod.
    this.#chains.set(target, [hide, ...(this.#chains.get(target) ?? [])]);
    this.#element('service-ips', key, `goto ${target}`);
  }

  /** Traffic to node ports, external addresses and load balancer addresses. */
  #external(cluster: string | undefined, local: string | undefined, any: boolean): void {
    const { nodePort, port, protocol, externalIPs, loadBalancerIPs, externalLocal } = this.#service;
    const addresses = [...externalIPs, ...loadBalancerIPs];
    if (nodePort === 0 && addresses.length === 0) return;
    const target = externalLocal ? local : cluster;
    if (target === undefined) {
      const refusal = this.#refusal(any, 'external');
      for (const address of addresses) {
        this.#element('no-endpoint-services', this.#key(address, port), refusal);
      }
      if (nodePort > 0) this.#element('no-endpoint-nodeports', `${protocol} . ${nodePort}`, refusal);
      // Pods, and the node itself, are not bound by a policy that is for traffic from outside.
      if (!externalLocal || cluster === undefined) return;
    }
    const chain = this.#name('external');
    this.#chains.set(chain, this.#externalRules(cluster, target));
    for (const address of addresses) this.#element('service-ips', this.#key(address, port), `goto ${chain}`);
    if (nodePort > 0) this.#element('service-nodeports', `${protocol} . ${nodePort}`, `goto ${chain}`);
  }

  #externalRules(cluster: string | undefined, target: string | undefined): readonly string[] {
    if (!this.#service.externalLocal) return ['jump mark-for-masquerade', `goto ${target}`];
    const rules: string[] = [];
    if (cluster !== undefined) {
      const blocks = this.#options.clusterCidrs;
      if (blocks.length > 0) rules.push(`ip saddr ${oneOf(blocks)} goto ${cluster}`);
      rules.push('fib saddr type local jump mark-for-masquerade', `fib saddr type local goto ${cluster}`);
    }
    // The source of outside traffic stays as it is: the endpoint is on this node, and answers through it.
    if (target !== undefined) rules.push(`goto ${target}`);
    return rules;
  }

  #firewall(): void {
    const { loadBalancerIPs, sourceRanges, port } = this.#service;
    if (loadBalancerIPs.length === 0 || sourceRanges.length === 0) return;
    const chain = this.#name('firewall');
    // A load balancer may let the node itself check its address, so that is never shut out.
    this.#chains.set(chain, [`ip saddr ${oneOf([...sourceRanges, ...loadBalancerIPs])} return`, 'drop']);
    for (const address of loadBalancerIPs)
      this.#element('firewall-ips', this.#key(address, port), `goto ${chain}`);
  }

  /** Nothing anywhere: refused at once. Something, but not on this node: dropped, so that others are tried. */
  #refusal(any: boolean, side: 'internal' | 'external'): string {
    const local = side === 'internal' ? this.#service.internalLocal : this.#service.externalLocal;
    return any && local ? 'drop' : 'goto reject-chain';
  }

  /** A chain that chooses among endpoints; undefined when there is none. */
  #balancer(kind: 'service' | 'local', endpoints: readonly Endpoint[]): string | undefined {
    if (endpoints.length === 0) return undefined;
    const chain = this.#name(kind);
    for (const { address, local } of endpoints) {
      if (local) this.#element('hairpin-connections', `${address} . ${address}`, '');
    }
    this.#chains.set(
      chain,
      this.#service.affinitySeconds > 0 ? this.#stickyRules(endpoints) : this.#plainRules(endpoints),
    );
    return chain;
  }

  #plainRules(endpoints: readonly Endpoint[]): readonly string[] {
    const { protocol } = this.#service;
    const [first, ...rest] = endpoints.map((e) => ({ address: e.address, port: e.port }));
    if (rest.length === 0) return [`meta l4proto ${protocol} dnat to ${first!.address}:${first!.port}`];
    const slots = endpoints.map((e, i) => `${i} : ${e.address} . ${e.port}`).join(', ');
    return [`meta l4proto ${protocol} dnat ip to numgen random mod ${endpoints.length} map { ${slots} }`];
  }

  #stickyRules(endpoints: readonly Endpoint[]): readonly string[] {
    const { protocol, affinitySeconds } = this.#service;
    const known: string[] = [];
    const slots: string[] = [];
    for (const [i, { address, port }] of endpoints.entries()) {
      const suffix = `__${address}/${port}`;
      // The time is part of the name: the timeout of a set that is there cannot be changed.
      const set = this.#name('affinity', `${suffix}/${affinitySeconds}`);
      const chain = this.#name('endpoint', suffix);
      this.#affinitySets.set(set, affinitySeconds);
      this.#chains.set(chain, [
        `update @${set} { ip saddr }`,
        `meta l4proto ${protocol} dnat to ${address}:${port}`,
      ]);
      known.push(`ip saddr @${set} goto ${chain}`);
      slots.push(`${i} : goto ${chain}`);
    }
    return [...known, `numgen random mod ${endpoints.length} vmap { ${slots.join(', ')} }`];
  }

  #key(address: string, port: number): string {
    return `${address} . ${this.#service.protocol} . ${port}`;
  }

  #element(table: ElementTable, key: string, value: string): void {
    const elements = this.#elements.get(table) ?? new Map<string, string>();
    this.#elements.set(table, elements.set(key, value));
  }

  #name(kind: string, suffix = ''): string {
    const { namespace, name, portName, protocol } = this.#service;
    const readable = `${namespace}/${name}/${protocol}/${portName}${suffix}`;
    const hash = createHash('sha256').update(`${servicePortKey(this.#service)}/${protocol}${suffix}`);
    return `${kind}-${hash.digest('hex').slice(0, 8).toUpperCase()}-${readable}`.slice(0, longestName);
  }
}

function oneOf(blocks: readonly string[]): string {
  return blocks.length === 1 ? (blocks[0] as string) : `{ ${blocks.join(', ')} }`;
}
