import {
  CredentialSource,
  type Credentials,
  credentialsOf,
  type Kubeconfig,
  KubeconfigError,
  type KubeconfigUser,
  readKubeconfig,
} from '@coxswain/client';
import type { Clock } from '@coxswain/machinery';
import { ConfigFileError } from '../../../config-file/config-file-error.ts';

const httpsSuffix = /:443$/;

/** As whom webhooks are called: the users of a kubeconfig, which are named by the hosts that they are for. */
export class WebhookCredentials {
  readonly #users: ReadonlyMap<string, KubeconfigUser>;
  /** Of the current context, for hosts that nobody is named by. */
  readonly #usual: string;
  readonly #sources = new Map<string, CredentialSource>();

  constructor({ users, contexts, 'current-context': current }: Kubeconfig) {
    this.#users = new Map(users.map(({ name, user }) => [name, user]));
    this.#usual = contexts.find(({ name }) => name === current)?.context.user ?? '';
  }

  /** @param path '' for none: everybody is called as nobody @throws {ConfigFileError} */
  static fromFile(path: string): WebhookCredentials {
    if (path === '') return new WebhookCredentials(empty);
    try {
      return new WebhookCredentials(readKubeconfig(path));
    } catch (cause) {
      if (cause instanceof KubeconfigError) throw new ConfigFileError(cause.message, { cause });
      throw cause;
    }
  }

  /**
   * What a host is called with.
   * @param target `HOST:PORT`; a service is `NAME.NAMESPACE.svc:PORT`
   */
  of(target: string, clock: Clock): Credentials | Promise<Credentials> {
    const name = this.#nameFor(target);
    const user = name === undefined ? undefined : this.#users.get(name);
    if (name === undefined || user === undefined) return {};
    let source = this.#sources.get(name);
    if (source === undefined) {
      source = new CredentialSource(credentialsOf(user), clock);
      this.#sources.set(name, source);
    }
    return source.current();
  }

  /** The host itself, the domains around it, both without the port of HTTPS, then whoever is for all. */
  #nameFor(target: string): string | undefined {
    const candidates = [...withDomains(target)];
    if (httpsSuffix.test(target)) candidates.push(...withDomains(target.replace(httpsSuffix, '')));
    candidates.push('*', this.#usual);
    return candidates.find((name) => this.#users.has(name));
  }
}

const empty: Kubeconfig = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [],
  users: [],
  contexts: [],
  'current-context': '',
};

function withDomains(target: string): readonly string[] {
  const steps = target.split('.');
  return [target, ...steps.slice(1).map((_, i) => `*.${steps.slice(i + 1).join('.')}`)];
}
