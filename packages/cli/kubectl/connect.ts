import { existsSync, readFileSync } from 'node:fs';
import {
  defaultKubeconfigPaths,
  type HttpTransportOptions,
  inClusterConfig,
  KubeconfigError,
  loadKubeconfig,
  proxyFromEnvironment,
  type ResolvedKubeconfig,
} from '@coxswain/client';
import { type Flags, parseDuration, parseFlags } from '../flags.ts';
import { Failure } from './error-text.ts';

/** Where to connect, and the namespace to use when none is named. */
export interface Connection {
  readonly options: HttpTransportOptions;
  readonly namespace: string;
}

/**
 * Finds the API server as kubectl does: flags, `--kubeconfig`, `$KUBECONFIG`, `~/.kube/config`, the pod's own
 * service account; then the administrator's kubeconfig of the cluster on this machine.
 */
export async function connectionOf(flags: Flags, own: ReadonlySet<string> = new Set()): Promise<Connection> {
  const resolved = await resolve(flags, own);
  const proxyUrl = resolved.proxyUrl ?? proxyFromEnvironment(resolved.server);
  const timeout = flags.string('request-timeout') ?? '0';
  const ms = /^\d+$/.test(timeout) ? Number(timeout) * 1_000 : parseDuration(timeout, '--request-timeout');
  return {
    namespace: (own.has('namespace') ? undefined : flags.string('namespace')) ?? resolved.namespace,
    options: {
      ...resolved,
      ...(proxyUrl === undefined ? {} : { proxyUrl }),
      ...overrides(flags, own),
      userAgent: `kubectl/v1.36.2 (${process.platform}/${process.arch}) coxswain`,
      requestTimeoutMs: ms,
    },
  };
}

async function resolve(flags: Flags, own: ReadonlySet<string>): Promise<ResolvedKubeconfig> {
  const pick = (name: string): Record<string, string> => {
    const value = own.has(name) ? undefined : flags.string(name);
    return value === undefined || value === '' ? {} : { [name]: value };
  };
  const chosen = { ...pick('context'), ...pick('cluster'), ...pick('user'), ...pick('server') };
  const path = flags.string('kubeconfig') ?? (await fallbackPath());
  try {
    return path === undefined && !anyDefaultExists() ? inCluster(flags) : loadKubeconfig(path, chosen);
  } catch (error) {
    if (error instanceof KubeconfigError && error.message.includes('no configuration has been provided')) {
      return {
        contextName: '',
        namespace: 'default',
        server: flags.string('server') ?? 'http://localhost:8080',
      };
    }
    throw error;
  }
}

/** `--as-user-extra name=value`, several values of a name together. */
function extraOf(flags: Flags): { readonly extra?: Record<string, string[]> } {
  const extra: Record<string, string[]> = {};
  for (const pair of flags.values('as-user-extra')) {
    const equals = pair.indexOf('=');
    if (equals <= 0) throw new Failure(`invalid argument "${pair}" for --as-user-extra: expected name=value`);
    const name = pair.slice(0, equals);
    extra[name] = [...(extra[name] ?? []), pair.slice(equals + 1)];
  }
  return Object.keys(extra).length === 0 ? {} : { extra };
}

function inCluster(flags: Flags): ResolvedKubeconfig {
  const server = flags.string('server');
  if (server !== undefined) return { contextName: '', namespace: 'default', server };
  return inClusterConfig() ?? { contextName: '', namespace: 'default', server: 'http://localhost:8080' };
}

function anyDefaultExists(): boolean {
  return process.env['KUBECONFIG'] !== undefined || defaultKubeconfigPaths().some((each) => existsSync(each));
}

/** The cluster on this machine, when nothing else says where to go. */
async function fallbackPath(): Promise<string | undefined> {
  if (anyDefaultExists() || process.env['KUBERNETES_SERVICE_HOST'] !== undefined) return undefined;
  const { adminKubeconfigPath, clusterDir, localFlags } = await import('../local-cluster.ts');
  const path = adminKubeconfigPath(clusterDir(parseFlags([], localFlags)));
  return existsSync(path) ? path : undefined;
}

function overrides(flags: Flags, own: ReadonlySet<string>): Partial<HttpTransportOptions> {
  const text = (flag: string): string | undefined =>
    own.has(flag) ? undefined : flags.string(flag) || undefined;
  const file = (flag: string): Buffer | undefined => {
    const path = text(flag);
    try {
      return path === undefined ? undefined : readFileSync(path);
    } catch (cause) {
      throw new Failure(`unable to read ${flag} ${path}: ${(cause as Error).message}`, { cause });
    }
  };
  const set = <K extends keyof HttpTransportOptions>(key: K, value: HttpTransportOptions[K] | undefined) =>
    value === undefined ? {} : { [key]: value };
  const as = text('as');
  const groups = flags.values('as-group');
  return {
    ...set('token', text('token')),
    ...set('username', text('username')),
    ...set('password', text('password')),
    ...set('tlsServerName', text('tls-server-name')),
    ...set('ca', file('certificate-authority')),
    ...set('cert', file('client-certificate')),
    ...set('key', file('client-key')),
    ...(flags.bool('insecure-skip-tls-verify') ? { insecureSkipTlsVerify: true } : {}),
    ...(as === undefined
      ? {}
      : {
          impersonate: {
            user: as,
            ...(groups.length === 0 ? {} : { groups }),
            ...(text('as-uid') === undefined ? {} : { uid: text('as-uid') as string }),
            ...extraOf(flags),
          },
        }),
  };
}
