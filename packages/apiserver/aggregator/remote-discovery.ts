import type { Clock, Timer } from '@coxswain/machinery';
import { aggregatorUser } from './availability-controller.ts';
import { readAnswer } from './read-answer.ts';
import type { RemoteServer } from './remote-server.ts';

/** One version of `apidiscovery.k8s.io/v2`. */
export interface VersionDiscovery {
  readonly version: string;
  readonly resources?: readonly object[];
  readonly freshness: 'Current' | 'Stale';
}

/** What servers can do changes without notice: they are asked this often. */
const refreshMs = 60_000;
const timeoutMs = 5_000;

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const accept = `${aggregated},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json`;

interface Known {
  readonly remote: RemoteServer;
  version: VersionDiscovery;
  etag: string;
  running: boolean;
  again: boolean;
}

/** Keeps what the servers behind this one serve, for aggregated discovery. */
export class RemoteDiscovery {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #known = new Map<string, Known>();
  readonly #abort = new AbortController();
  #timer: Timer | undefined;

  /** @param onChange called after what is served has changed */
  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** What is known of a server's version; stale until it has answered. */
  versionOf(remote: RemoteServer): VersionDiscovery {
    const known = this.#known.get(remote.name);
    return known?.version ?? { version: remote.version, freshness: 'Stale' };
  }

  /** Asks a server now, which may be new. */
  refresh(remote: RemoteServer): void {
    let known = this.#known.get(remote.name);
    if (known?.remote !== remote) {
      const version = known?.version ?? { version: remote.version, freshness: 'Stale' as const };
      known = { remote, version, etag: '', running: false, again: false };
      this.#known.set(remote.name, known);
    }
    if (known.running) known.again = true;
    else void this.#run(known);
    this.#timer ??= this.#clock.after(refreshMs, () => this.#refreshAll());
  }

  forget(name: string): void {
    this.#known.delete(name);
    if (this.#known.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  close(): void {
    this.#abort.abort(new Error('the server stops'));
    this.#timer?.cancel();
    this.#known.clear();
  }

  #refreshAll(): void {
    this.#timer = undefined;
    for (const { remote } of [...this.#known.values()]) this.refresh(remote);
  }

  async #run(known: Known): Promise<void> {
    known.running = true;
    do {
      known.again = false;
      const next = await this.#fetch(known);
      if (this.#known.get(known.remote.name) !== known) return;
      if (JSON.stringify(next) !== JSON.stringify(known.version)) {
        known.version = next;
        this.#onChange();
      }
    } while (known.again);
    known.running = false;
  }

  /** A server that does not answer is shown as it was, stale. */
  async #fetch(known: Known): Promise<VersionDiscovery> {
    const { remote } = known;
    const timeout = new AbortController();
    const timer = this.#clock.after(timeoutMs, () => timeout.abort(new Error('timeout')));
    const signal = AbortSignal.any([this.#abort.signal, timeout.signal]);
    const ask = async (path: string, headers: Record<string, string>) =>
      readAnswer(await remote.ask(remote.locate(path), aggregatorUser, headers, signal), signal);
    try {
      const listed = await ask('/apis', {
        accept,
        ...(known.etag === '' ? {} : { 'if-none-match': known.etag }),
      });
      if (listed.code === 304) return { ...known.version, freshness: 'Current' };
      if (listed.code === 200 && listed.contentType.includes('as=APIGroupDiscoveryList')) {
        known.etag = listed.etag;
        return { ...versionIn(JSON.parse(listed.text), remote), freshness: 'Current' };
      }
      known.etag = '';
      const plain = await ask(`/apis/${remote.group}/${remote.version}`, { accept: 'application/json' });
      if (plain.code !== 200) return { ...known.version, freshness: 'Stale' };
      return {
        version: remote.version,
        resources: fromResourceList(JSON.parse(plain.text)),
        freshness: 'Current',
      };
    } catch {
      // Why a server does not answer is in its APIService's condition.
      return { ...known.version, freshness: 'Stale' };
    } finally {
      timer.cancel();
    }
  }
}

interface AggregatedList {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly { readonly version: string; readonly resources?: readonly object[] }[];
  }[];
}

function versionIn(
  list: AggregatedList,
  { group, version }: RemoteServer,
): Omit<VersionDiscovery, 'freshness'> {
  const found = list.items
    ?.find((item) => (item.metadata?.name ?? '') === group)
    ?.versions?.find((one) => one.version === version);
  return { version, ...(found?.resources === undefined ? {} : { resources: found.resources }) };
}

interface ListedResource {
  readonly name: string;
  readonly singularName?: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs?: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** An APIResourceList as aggregated discovery shows its resources, subresources below their resource. */
function fromResourceList(list: { readonly resources?: readonly ListedResource[] }): object[] {
  const listed = list.resources ?? [];
  return listed
    .filter(({ name }) => !name.includes('/'))
    .map((main) => {
      const { name, shortNames = [], categories = [] } = main;
      const subresources = listed
        .filter((one) => one.name.startsWith(`${name}/`))
        .map((one) => ({
          subresource: one.name.slice(name.length + 1),
          responseKind: responseKind(one),
          verbs: one.verbs ?? [],
        }));
      return {
        resource: name,
        responseKind: responseKind(main),
        scope: main.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: main.singularName ?? '',
        verbs: main.verbs ?? [],
        ...(shortNames.length === 0 ? {} : { shortNames }),
        ...(categories.length === 0 ? {} : { categories }),
        ...(subresources.length === 0 ? {} : { subresources }),
      };
    });
}

function responseKind({ group = '', version = '', kind }: ListedResource): object {
  return { group, version, kind };
}
