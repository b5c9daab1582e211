import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Kubeconfig } from '@coxswain/client';
import { Failure } from '../error-text.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';
import { changeConfig, configPath } from './kubeconfig-file.ts';

type Entry = Record<string, unknown>;

export const setCluster: Verb = {
  usage:
    'config set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]',
  summary: 'Set a cluster entry in kubeconfig.',
  flags: {
    'certificate-authority': { type: 'string', help: 'File with the authority' },
    'embed-certs': { type: 'bool', default: 'false', help: 'Put the contents of the file in' },
    'insecure-skip-tls-verify': {
      type: 'bool',
      default: 'false',
      help: "Do not check the server's certificate",
    },
    'proxy-url': { type: 'string', help: 'Proxy on the way to the server' },
    server: { type: 'string', help: 'Address of the server' },
    'tls-server-name': { type: 'string', help: "Name that the server's certificate must bear" },
  },
  run: async (session) => {
    const { flags } = session;
    const name = nameOf(session, 'cluster');
    const authority = flags.string('certificate-authority') ?? '';
    const insecure = flags.bool('insecure-skip-tls-verify');
    if (insecure && authority !== '') {
      throw new Failure('you cannot specify a certificate authority and insecure mode at the same time');
    }
    if (flags.bool('embed-certs') && authority === '') {
      throw new Failure('you must specify a --certificate-authority to embed');
    }
    await changeEntry(session, 'clusters', 'cluster', name, (cluster) => {
      copy(session, cluster, ['server', 'tls-server-name', 'proxy-url']);
      put(cluster, 'insecure-skip-tls-verify', insecure || undefined);
      if (insecure) putFile(session, cluster, 'certificate-authority', '');
      if (flags.has('certificate-authority')) {
        putFile(session, cluster, 'certificate-authority', authority);
      }
    });
    session.out(`Cluster "${name}" set.\n`);
    return 0;
  },
};

export const setCredentials: Verb = {
  usage:
    'config set-credentials NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password] [--auth-provider=provider_name] [--auth-provider-arg=key=value] [--exec-command=exec_command] [--exec-api-version=exec_api_version] [--exec-arg=arg] [--exec-env=key=value]',
  summary: 'Set a user entry in kubeconfig.',
  flags: {
    'auth-provider': { type: 'string', help: 'Auth provider of the user' },
    'auth-provider-arg': { type: 'strings', help: 'key=value for the auth provider' },
    'client-certificate': { type: 'string', help: 'File with the client certificate' },
    'client-key': { type: 'string', help: 'File with its key' },
    'embed-certs': { type: 'bool', default: 'false', help: 'Put the contents of the files in' },
    'exec-api-version': { type: 'string', help: 'API version of the credential plugin' },
    'exec-arg': { type: 'strings', help: 'Argument of the credential plugin' },
    'exec-command': { type: 'string', help: 'Command of the credential plugin' },
    'exec-env': { type: 'strings', help: 'key=value in the environment of the credential plugin' },
    'exec-interactive-mode': { type: 'string', help: 'Never, IfAvailable or Always' },
    'exec-provide-cluster-info': { type: 'bool', default: 'false', help: 'Tell the plugin of the cluster' },
    password: { type: 'string', help: 'Password for basic authentication' },
    token: { type: 'string', help: 'Bearer token' },
    username: { type: 'string', help: 'User name for basic authentication' },
  },
  run: async (session) => {
    const { flags } = session;
    const name = nameOf(session, 'user');
    const methods = [
      ...(flags.string('token') ? ['--token'] : []),
      ...(flags.string('username') || flags.string('password') ? ['--username/--password'] : []),
    ];
    if (methods.length > 1) {
      throw new Failure(
        `you cannot specify more than one authentication method at the same time: ${methods.join(', ')}`,
      );
    }
    const files = ['client-certificate', 'client-key'].filter((each) => flags.string(each));
    if (flags.bool('embed-certs') && files.length === 0) {
      throw new Failure('you must specify a --client-certificate or --client-key to embed');
    }
    await changeEntry(session, 'users', 'user', name, (user) => {
      for (const field of ['client-certificate', 'client-key']) {
        if (flags.has(field)) putFile(session, user, field, flags.string(field) ?? '');
      }
      if (flags.has('token')) {
        copy(session, user, ['token']);
        if (flags.string('token')) for (const field of ['username', 'password']) delete user[field];
      }
      copy(session, user, ['username', 'password']);
      if (flags.string('username') || flags.string('password')) delete user['token'];
      setAuthProvider(session, user);
      setExec(session, user);
    });
    session.out(`User "${name}" set.\n`);
    return 0;
  },
};

export const deleteCluster = deleteVerb('cluster', 'clusters');
export const deleteUser = deleteVerb('user', 'users');

export const renameContext: Verb = {
  usage: 'config rename-context CONTEXT_NAME NEW_NAME',
  summary: 'Rename a context from the kubeconfig file.',
  run: async (session) => {
    const [from, to, ...more] = session.args;
    if (from === undefined || to === undefined || more.length > 0) {
      throw session.usage(`Unexpected args: [${session.args.join(' ')}]`);
    }
    await changeConfig(session, (config) => {
      const found = config.contexts.find((each) => each.name === from);
      if (found === undefined) {
        throw new Failure(`cannot rename the context "${from}", it's not in ${configPath(session)}`);
      }
      if (config.contexts.some((each) => each.name === to)) {
        throw new Failure(
          `cannot rename the context "${from}", the context "${to}" already exists in ${configPath(session)}`,
        );
      }
      return {
        ...config,
        contexts: config.contexts.map((each) => (each === found ? { ...each, name: to } : each)),
        'current-context': config['current-context'] === from ? to : config['current-context'],
      };
    });
    session.out(`Context "${from}" renamed to "${to}".\n`);
    return 0;
  },
};

function deleteVerb(what: 'cluster' | 'user', list: 'clusters' | 'users'): Verb {
  return {
    usage: `config delete-${what} NAME`,
    summary: `Delete the specified ${what} from the kubeconfig.`,
    run: async (session) => {
      const [name, ...more] = session.args;
      if (name === undefined || more.length > 0) {
        throw session.usage(`you must specify a ${what} to delete`);
      }
      await changeConfig(session, (config) => {
        const entries: readonly { readonly name: string }[] = config[list];
        if (!entries.some((each) => each.name === name)) {
          throw new Failure(`cannot delete ${what} ${name}, not in ${configPath(session)}`);
        }
        return { ...config, [list]: entries.filter((each) => each.name !== name) };
      });
      session.out(`deleted ${what} ${name} from ${configPath(session)}\n`);
      return 0;
    },
  };
}

function nameOf(session: Session, what: string): string {
  const [name, ...more] = session.args;
  if (name === undefined || more.length > 0)
    throw session.usage(`Unexpected args: [${session.args.join(' ')}]`);
  if (name === '') throw new Failure(`you must specify a non-empty ${what} name`);
  return name;
}

/** Changes an entry of a list in place; it is made when it is not there. */
async function changeEntry(
  session: Session,
  list: 'clusters' | 'users',
  field: 'cluster' | 'user',
  name: string,
  edit: (entry: Entry) => void,
): Promise<void> {
  await changeConfig(session, (config) => {
    const entries = config[list] as readonly { readonly name: string }[];
    const old = entries.find((each) => each.name === name) as Entry | undefined;
    const entry: Entry = { ...(old?.[field] as Entry | undefined) };
    edit(entry);
    const made = { ...old, name, [field]: entry };
    const changed =
      old === undefined ? [...entries, made] : entries.map((each) => (each.name === name ? made : each));
    return { ...config, [list]: changed } as Kubeconfig;
  });
}

function put(entry: Entry, field: string, value: unknown): void {
  if (value === undefined || value === '') delete entry[field];
  else entry[field] = value;
}

function copy(session: Session, entry: Entry, fields: readonly string[]): void {
  for (const field of fields) if (session.flags.has(field)) put(entry, field, session.flags.string(field));
}

/** Names a file, or puts its contents in; the one takes the place of the other. */
function putFile(session: Session, entry: Entry, field: string, path: string): void {
  delete entry[field];
  delete entry[`${field}-data`];
  if (path === '') return;
  if (!session.flags.bool('embed-certs')) {
    entry[field] = resolve(path);
    return;
  }
  try {
    entry[`${field}-data`] = readFileSync(path).toString('base64');
  } catch (cause) {
    throw new Failure(`could not stat ${field} file ${path}: stat ${path}: no such file or directory`, {
      cause,
    });
  }
}

function setAuthProvider(session: Session, user: Entry): void {
  const { flags } = session;
  const name = flags.string('auth-provider');
  const pairs = flags.values('auth-provider-arg');
  if (name === undefined && pairs.length === 0) return;
  const old = user['auth-provider'] as { name?: string; config?: Record<string, string> } | undefined;
  const config = { ...(name === undefined || name === old?.name ? old?.config : {}) };
  for (const pair of pairs) changePair(config, pair);
  user['auth-provider'] = {
    config: Object.keys(config).length === 0 ? null : config,
    name: name ?? old?.name,
  };
}

function setExec(session: Session, user: Entry): void {
  const { flags } = session;
  const given = Object.keys(setCredentials.flags ?? {}).filter(
    (flag) => flag.startsWith('exec-') && flags.has(flag),
  );
  if (given.length === 0) return;
  const exec: Entry = { env: null, provideClusterInfo: false, ...(user['exec'] as Entry | undefined) };
  const rename = {
    'exec-command': 'command',
    'exec-api-version': 'apiVersion',
    'exec-interactive-mode': 'interactiveMode',
  };
  for (const [flag, field] of Object.entries(rename)) if (flags.has(flag)) exec[field] = flags.string(flag);
  if (flags.has('exec-provide-cluster-info'))
    exec['provideClusterInfo'] = flags.bool('exec-provide-cluster-info');
  if (flags.has('exec-arg')) exec['args'] = flags.strings('exec-arg');
  if (flags.has('exec-env')) {
    const old = (exec['env'] as { name: string; value: string }[] | null) ?? [];
    const env = Object.fromEntries(old.map(({ name, value }) => [name, value]));
    for (const pair of flags.values('exec-env')) changePair(env, pair);
    exec['env'] = Object.entries(env).map(([name, value]) => ({ name, value }));
  }
  user['exec'] = exec;
}

/** `key=value` sets, `key-` removes. */
function changePair(map: Record<string, string>, pair: string): void {
  const equals = pair.indexOf('=');
  if (equals > 0) map[pair.slice(0, equals)] = pair.slice(equals + 1);
  else if (pair.endsWith('-')) delete map[pair.slice(0, -1)];
  else throw new Failure(`invalid argument "${pair}": expected key=value or key-`);
}
