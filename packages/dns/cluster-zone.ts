import { type Answer, clusterTtl, type DnsRecord, type RecordType } from './record.ts';
import type { ServiceRecords } from './service-records.ts';

/** How long the zone's chain of aliases may be before it counts as a circle. */
const longestAliasChain = 8;

/**
 * The cluster's names and what they stand for. Changes service by service; each change gives a new generation,
 * by which caches know that they are old.
 */
export class ClusterZone {
  readonly name: string;
  readonly #dnsAddress: string;
  readonly #services = new Map<string, ServiceRecords>();
  /** By owner name, by service, so that one service's part can be taken out again. */
  readonly #names = new Map<string, Map<string, readonly DnsRecord[]>>();
  /** How many names lie below a name that has no records itself. */
  readonly #parents = new Map<string, number>();
  #generation = 0;

  /**
   * @param name the cluster domain, such as `cluster.local`
   * @param dnsAddress where the zone's name server is reached
   */
  constructor(name: string, dnsAddress: string) {
    this.name = name.toLowerCase().replace(/\.$/, '');
    this.#dnsAddress = dnsAddress;
    this.#insert('', new Map(this.#fixed().map((record) => [record.name, [record]])));
  }

  get generation(): number {
    return this.#generation;
  }

  /** Replaces what a service brings; undefined takes it out. */
  set(service: string, records: ServiceRecords | undefined): void {
    const before = this.#services.get(service);
    if (before !== undefined) this.#remove(service, before);
    if (records === undefined) this.#services.delete(service);
    else {
      this.#services.set(service, records);
      this.#insert(service, records);
    }
    this.#generation++;
  }

  /** Whether the zone alone knows about a name. */
  owns(name: string): boolean {
    return name === this.name || name.endsWith(`.${this.name}`);
  }

  /**
   * Answers for a name of the zone, or for a reverse name that one of its addresses has; undefined for all other
   * names, which are for others to answer.
   */
  lookup(name: string, type: string): Answer | undefined {
    if (this.owns(name)) return this.#resolve(name, type);
    const records = this.#recordsOf(name);
    return records.length === 0 ? undefined : this.#found(records.filter(isOf(type)));
  }

  #resolve(name: string, type: string): Answer {
    const chain: DnsRecord[] = [];
    let at = name;
    for (let i = 0; i < longestAliasChain; i++) {
      const records = this.#recordsOf(at);
      const wanted = records.filter(isOf(type));
      if (wanted.length > 0) return this.#found([...chain, ...wanted]);
      const alias = records.find((r) => r.type === 'CNAME');
      if (alias === undefined) {
        const exists = records.length > 0 || this.#parents.has(at) || chain.length > 0;
        return { ...(exists ? this.#found(chain) : nothing('NXDOMAIN')), authorities: [this.#authority()] };
      }
      chain.push(alias);
      at = alias.data as string;
      // The rest of the way is for the forwarder: the caller sees an alias that leaves the zone.
      if (!this.owns(at)) return this.#found(chain);
    }
    return { ...nothing('SERVFAIL'), answers: [] };
  }

  #found(answers: readonly DnsRecord[]): Answer {
    const targets = new Set(
      answers.filter((r) => r.type === 'SRV').map((r) => (r.data as { target: string }).target),
    );
    const additionals = [...targets].flatMap((target) =>
      this.#recordsOf(target).filter((r) => r.type === 'A' || r.type === 'AAAA'),
    );
    const authorities = answers.length === 0 ? [this.#authority()] : [];
    return { rcode: 'NOERROR', answers: weighed(answers), authorities, additionals };
  }

  #recordsOf(name: string): readonly DnsRecord[] {
    const parts = this.#names.get(name);
    if (parts !== undefined) {
      return parts.size === 1 ? (parts.values().next().value as DnsRecord[]) : [...parts.values()].flat();
    }
    return this.#podRecords(name);
  }

  /** `10-244-1-2.default.pod.cluster.local`: any well-formed address, as in CoreDNS's `pods insecure`. */
  #podRecords(name: string): readonly DnsRecord[] {
    if (!name.endsWith(`.pod.${this.name}`)) return [];
    const labels = name.slice(0, -`.pod.${this.name}`.length).split('.');
    const parts = (labels[0] as string).split('-');
    if (labels.length !== 2 || parts.length !== 4) return [];
    if (!parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return [];
    return [{ name, type: 'A', ttl: clusterTtl, data: parts.join('.') }];
  }

  #authority(): DnsRecord {
    return {
      name: this.name,
      type: 'SOA',
      ttl: clusterTtl,
      data: {
        mname: `ns.dns.${this.name}`,
        rname: `hostmaster.${this.name}`,
        serial: this.#generation + 1,
        refresh: 7200,
        retry: 1800,
        expire: 86_400,
        minimum: clusterTtl,
      },
    };
  }

  #fixed(): readonly DnsRecord[] {
    const server = `ns.dns.${this.name}`;
    return [
      { name: `dns-version.${this.name}`, type: 'TXT', ttl: clusterTtl, data: ['1.1.0'] },
      { name: this.name, type: 'NS', ttl: clusterTtl, data: server },
      { name: server, type: 'A', ttl: clusterTtl, data: this.#dnsAddress },
    ];
  }

  #insert(service: string, records: ServiceRecords): void {
    for (const [name, list] of records) {
      const owners = this.#names.get(name) ?? new Map<string, readonly DnsRecord[]>();
      owners.set(service, list);
      this.#names.set(name, owners);
      if (owners.size === 1) this.#count(name, 1);
    }
  }

  #remove(service: string, records: ServiceRecords): void {
    for (const name of records.keys()) {
      const owners = this.#names.get(name);
      if (!owners?.delete(service) || owners.size > 0) continue;
      this.#names.delete(name);
      this.#count(name, -1);
    }
  }

  #count(name: string, by: number): void {
    if (!this.owns(name)) return;
    for (let at = parentOf(name); at.length >= this.name.length; at = parentOf(at)) {
      const count = (this.#parents.get(at) ?? 0) + by;
      if (count === 0) this.#parents.delete(at);
      else this.#parents.set(at, count);
    }
  }
}

function parentOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}

function isOf(type: string): (record: DnsRecord) => boolean {
  return (record) => record.type === (type as RecordType);
}

function nothing(rcode: Answer['rcode']): Answer {
  return { rcode, answers: [], authorities: [], additionals: [] };
}

/** The targets of a service share a weight of 100, as in CoreDNS. */
function weighed(answers: readonly DnsRecord[]): readonly DnsRecord[] {
  const services = answers.filter((r) => r.type === 'SRV').length;
  if (services < 2) return answers;
  const weight = Math.max(1, Math.floor(100 / services));
  return answers.map((r) => (r.type === 'SRV' ? { ...r, data: { ...(r.data as object), weight } } : r));
}
