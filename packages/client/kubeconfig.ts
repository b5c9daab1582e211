import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { dump, load } from 'js-yaml';
import type { CredentialOptions } from './credentials.ts';
import type { ExecCluster, ExecPlugin } from './exec-plugin.ts';
import type { ConnectionOptions } from './http-connection.ts';

/** `clusters[].cluster` of a kubeconfig. */
export interface KubeconfigCluster {
  readonly server: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
}

/** `users[].user` of a kubeconfig. */
export interface KubeconfigUser {
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly 'as-groups'?: readonly string[];
  readonly 'as-uid'?: string;
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>>;
  readonly exec?: ExecPlugin;
}

/** `contexts[].context` of a kubeconfig. */
export interface KubeconfigContext {
  readonly cluster: string;
  readonly user: string;
  readonly namespace?: string;
}

/** A kubeconfig file (clientcmd/api v1). Unknown fields are kept. */
export interface Kubeconfig {
  readonly apiVersion: 'v1';
  readonly kind: 'Config';
  readonly clusters: readonly { readonly name: string; readonly cluster: KubeconfigCluster }[];
  readonly users: readonly { readonly name: string; readonly user: KubeconfigUser }[];
  readonly contexts: readonly { readonly name: string; readonly context: KubeconfigContext }[];
  readonly 'current-context': string;
}

/** A kubeconfig that cannot be read or does not say where to connect. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
  readonly code: 'KUBECONFIG_UNREADABLE' | 'KUBECONFIG_INVALID' | 'KUBECONFIG_CONTEXT';

  constructor(code: KubeconfigError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What a context of a kubeconfig resolves to; takes the place of `HttpTransportOptions`. */
export interface ResolvedKubeconfig extends ConnectionOptions {
  readonly contextName: string;
  /** Default: `default`. */
  readonly namespace: string;
}

/** Overrides, as kubectl's flags of the same names. */
export interface KubeconfigOverrides {
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
  readonly server?: string;
}

/** The files that kubectl reads: `$KUBECONFIG`'s list, else `~/.kube/config`. */
export function defaultKubeconfigPaths(env: NodeJS.ProcessEnv = process.env): string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  return listed.length > 0 ? listed : [join(env['HOME'] ?? homedir(), '.kube', 'config')];
}

/** Reads a kubeconfig file; paths in it become absolute. Throws `KubeconfigError`. */
export function readKubeconfig(path: string): Kubeconfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new KubeconfigError(
      'KUBECONFIG_UNREADABLE',
      `read the kubeconfig ${JSON.stringify(path)}: ${why}`,
      {
        cause: error,
      },
    );
  }
  return parseKubeconfig(text, path);
}

/** Parses a kubeconfig. `path` says where relative paths start and what errors name. */
export function parseKubeconfig(text: string, path: string): Kubeconfig {
  let parsed: unknown;
  try {
    parsed = load(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new KubeconfigError(
      'KUBECONFIG_INVALID',
      `error loading config file ${JSON.stringify(path)}: ${why}`,
      {
        cause: error,
      },
    );
  }
  if (parsed === undefined || parsed === null) parsed = {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw new KubeconfigError(
      'KUBECONFIG_INVALID',
      `error loading config file ${JSON.stringify(path)}: not a mapping`,
    );
  }
  const raw = parsed as Partial<Kubeconfig>;
  const base = dirname(resolve(path));
  return {
    ...raw,
    apiVersion: 'v1',
    kind: 'Config',
    clusters: (raw.clusters ?? []).map((entry) => ({
      ...entry,
      cluster: absolute(base, entry.cluster ?? {}, ['certificate-authority']),
    })),
    users: (raw.users ?? []).map((entry) => ({
      ...entry,
      user: absolute(base, entry.user ?? {}, ['client-certificate', 'client-key', 'tokenFile']),
    })),
    contexts: raw.contexts ?? [],
    'current-context': raw['current-context'] ?? '',
  };
}

function absolute<T extends object>(base: string, entry: T, fields: readonly string[]): T {
  const out = { ...entry } as Record<string, unknown>;
  for (const field of fields) {
    const value = out[field];
    if (typeof value === 'string' && value !== '' && !isAbsolute(value)) out[field] = resolve(base, value);
  }
  return out as T;
}

/** Merges kubeconfigs as kubectl does: of entries with one name the first wins, as does the first context set. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const unique = <T extends { readonly name: string }>(entries: readonly T[]): T[] =>
    [...new Map(entries.toReversed().map((entry) => [entry.name, entry])).values()].toReversed();
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: unique(configs.flatMap((config) => config.clusters)),
    users: unique(configs.flatMap((config) => config.users)),
    contexts: unique(configs.flatMap((config) => config.contexts)),
    'current-context': configs.find((config) => config['current-context'] !== '')?.['current-context'] ?? '',
  };
}

/** Chooses the context and reads its files. Throws `KubeconfigError` with clientcmd's texts. */
export function resolveKubeconfig(
  config: Kubeconfig,
  overrides: KubeconfigOverrides = {},
): ResolvedKubeconfig {
  const contextName = overrides.context ?? config['current-context'];
  const context = config.contexts.find((entry) => entry.name === contextName)?.context;
  if (context === undefined && (overrides.context !== undefined || contextName !== '')) {
    throw new KubeconfigError('KUBECONFIG_CONTEXT', `context "${contextName}" does not exist`);
  }
  const clusterName = overrides.cluster ?? context?.cluster ?? '';
  const cluster = config.clusters.find((entry) => entry.name === clusterName)?.cluster;
  if (cluster === undefined && clusterName !== '') {
    throw new KubeconfigError('KUBECONFIG_CONTEXT', `cluster "${clusterName}" does not exist`);
  }
  const server = overrides.server ?? cluster?.server ?? '';
  if (server === '') {
    throw new KubeconfigError(
      'KUBECONFIG_CONTEXT',
      'invalid configuration: no configuration has been provided',
    );
  }
  const userName = overrides.user ?? context?.user ?? '';
  const user = config.users.find((entry) => entry.name === userName)?.user;
  if (user === undefined && userName !== '') {
    throw new KubeconfigError('KUBECONFIG_CONTEXT', `auth info "${userName}" does not exist`);
  }
  return {
    contextName,
    namespace: overrides.namespace ?? context?.namespace ?? 'default',
    server,
    ...clusterOptions(cluster),
    ...userOptions(user ?? {}),
    ...(user?.exec?.provideClusterInfo === true ? { execCluster: execClusterOf(server, cluster) } : {}),
  };
}

/** What a credential plugin is told of the cluster; files are put in. */
function execClusterOf(server: string, cluster: KubeconfigCluster | undefined): ExecCluster {
  const ca = fileOrData(cluster?.['certificate-authority-data'], cluster?.['certificate-authority']);
  const { 'insecure-skip-tls-verify': insecure, 'tls-server-name': name, 'proxy-url': proxy } = cluster ?? {};
  return {
    server,
    ...(ca === undefined ? {} : { 'certificate-authority-data': ca.toString('base64') }),
    ...(insecure === true ? { 'insecure-skip-tls-verify': true } : {}),
    ...(name === undefined ? {} : { 'tls-server-name': name }),
    ...(proxy === undefined ? {} : { 'proxy-url': proxy }),
  };
}

function clusterOptions(cluster: KubeconfigCluster | undefined): Partial<ConnectionOptions> {
  const ca = fileOrData(cluster?.['certificate-authority-data'], cluster?.['certificate-authority']);
  const name = cluster?.['tls-server-name'];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cluster?.['insecure-skip-tls-verify'] === true ? { insecureSkipTlsVerify: true } : {}),
    ...(name === undefined ? {} : { tlsServerName: name }),
    ...(cluster?.['proxy-url'] ? { proxyUrl: cluster['proxy-url'] } : {}),
  };
}

/** What a user's entry says of its credentials; files of certificates are read. @throws {KubeconfigError} */
export function credentialsOf(user: KubeconfigUser): CredentialOptions {
  const cert = fileOrData(user['client-certificate-data'], user['client-certificate']);
  const key = fileOrData(user['client-key-data'], user['client-key']);
  const { token, tokenFile, username, password, exec } = user;
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(user['client-certificate'] && !user['client-certificate-data']
      ? { certFile: user['client-certificate'] }
      : {}),
    ...(user['client-key'] && !user['client-key-data'] ? { keyFile: user['client-key'] } : {}),
    ...(token === undefined ? {} : { token }),
    ...(tokenFile === undefined ? {} : { tokenFile }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(exec === undefined ? {} : { exec }),
  };
}

function userOptions(user: KubeconfigUser): Partial<ConnectionOptions> {
  return {
    ...credentialsOf(user),
    ...(user.as === undefined
      ? {}
      : {
          impersonate: {
            user: user.as,
            ...(user['as-groups'] === undefined ? {} : { groups: user['as-groups'] }),
            ...(user['as-uid'] === undefined ? {} : { uid: user['as-uid'] }),
            ...(user['as-user-extra'] === undefined ? {} : { extra: user['as-user-extra'] }),
          },
        }),
  };
}

function fileOrData(data: string | undefined, path: string | undefined): Buffer | undefined {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64');
  if (path === undefined || path === '') return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new KubeconfigError('KUBECONFIG_UNREADABLE', `unable to read ${JSON.stringify(path)}: ${why}`, {
      cause: error,
    });
  }
}

/** Where to connect: the file's current context, or that of kubectl's usual files when no path is given. */
export function loadKubeconfig(path?: string, overrides: KubeconfigOverrides = {}): ResolvedKubeconfig {
  if (path !== undefined) return resolveKubeconfig(readKubeconfig(path), overrides);
  const found: Kubeconfig[] = [];
  for (const each of defaultKubeconfigPaths()) {
    try {
      found.push(readKubeconfig(each));
    } catch (error) {
      // As kubectl: a file of the default list need not exist.
      const cause = error instanceof KubeconfigError ? (error.cause as NodeJS.ErrnoException) : undefined;
      if (cause?.code !== 'ENOENT') throw error;
    }
  }
  return resolveKubeconfig(mergeKubeconfigs(found), overrides);
}

/** What `newKubeconfig` is made of. */
export interface NewKubeconfig {
  /** Of the cluster, the user and the context. */
  readonly name: string;
  readonly userName?: string;
  readonly server: string;
  readonly ca?: string | Uint8Array;
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  readonly token?: string;
  readonly namespace?: string;
}

/** A kubeconfig with one cluster, user and context, and the certificates within it. */
export function newKubeconfig(parts: NewKubeconfig): Kubeconfig {
  const { name, userName = name, server, ca, cert, key, token, namespace } = parts;
  const data = (pem: string | Uint8Array): string => Buffer.from(pem).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name, cluster: { ...(ca === undefined ? {} : { 'certificate-authority-data': data(ca) }), server } },
    ],
    contexts: [
      { name, context: { cluster: name, ...(namespace === undefined ? {} : { namespace }), user: userName } },
    ],
    'current-context': name,
    users: [
      {
        name: userName,
        user: {
          ...(cert === undefined ? {} : { 'client-certificate-data': data(cert) }),
          ...(key === undefined ? {} : { 'client-key-data': data(key) }),
          ...(token === undefined ? {} : { token }),
        },
      },
    ],
  };
}

/** The YAML of a kubeconfig. */
export function formatKubeconfig(config: Kubeconfig): string {
  return dump(config, { lineWidth: -1, sortKeys: true });
}

/** Writes a kubeconfig whole or not at all, readable by its owner only. */
export async function writeKubeconfig(path: string, config: Kubeconfig): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, formatKubeconfig(config), { mode: 0o600 });
  await rename(temporary, path);
}
