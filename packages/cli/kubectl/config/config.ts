import type { Kubeconfig } from '@coxswain/client';
import { ExitWith, Failure } from '../error-text.ts';
import { printerOf } from '../print/printer.ts';
import { TabWriter } from '../print/tab-writer.ts';
import type { Session } from '../session.ts';
import { printFlags } from '../shared-flags.ts';
import { kubectlCommand, type Verb } from '../verb.ts';
import { changeConfig, configPath, loadedConfig } from './kubeconfig-file.ts';

const view: Verb = {
  usage: 'config view [flags]',
  summary: 'Display merged kubeconfig settings or a specified kubeconfig file.',
  flags: {
    ...printFlags,
    output: { ...printFlags.output, default: 'yaml' },
    flatten: { type: 'bool', default: 'false', help: 'Put the contents of files in' },
    minify: { type: 'bool', default: 'false', help: 'What the current context needs alone' },
    raw: { type: 'bool', default: 'false', help: 'Show certificates and secrets' },
    merge: { type: 'string', default: 'true', bare: 'true', help: 'Accepted for compatibility' },
  },
  run: async (session) => {
    const all = loadedConfig(session);
    const name = session.flags.string('context') ?? all['current-context'];
    const config = session.flags.bool('minify') ? minified(all, name) : all;
    const shown = session.flags.bool('raw') ? config : redacted(config);
    const printer = await printerOf(session);
    printer?.print([{ preferences: {}, ...shown }]);
    return 0;
  },
};

const currentContext: Verb = {
  usage: 'config current-context [flags]',
  summary: 'Display the current-context.',
  run: async (session) => {
    const name = loadedConfig(session)['current-context'];
    if (name === '') throw new Failure('current-context is not set');
    session.out(`${name}\n`);
    return 0;
  },
};

const getContexts: Verb = {
  usage: 'config get-contexts [(-o|--output=)name)]',
  summary: 'Display one or many contexts from the kubeconfig file.',
  flags: {
    'no-headers': { type: 'bool', default: 'false', help: 'Leave the headers out' },
    output: { type: 'string', shorthand: 'o', help: 'name' },
  },
  run: async (session) => {
    const config = loadedConfig(session);
    const { args, flags } = session;
    for (const name of args) {
      if (!config.contexts.some((each) => each.name === name)) throw new Failure(`context ${name} not found`);
    }
    const contexts = config.contexts
      .filter(({ name }) => args.length === 0 || args.includes(name))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const tabs = new TabWriter((text) => session.out(text));
    const bare = flags.string('output') === 'name';
    if (!bare && !flags.bool('no-headers')) tabs.row(['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE']);
    for (const { name, context } of contexts) {
      if (bare) session.out(`${name}\n`);
      else
        tabs.row([
          name === config['current-context'] ? '*' : '',
          name,
          context.cluster,
          context.user,
          context.namespace ?? '',
        ]);
    }
    tabs.flush();
    return 0;
  },
};

const getClusters: Verb = {
  usage: 'config get-clusters [flags]',
  summary: 'Display clusters defined in the kubeconfig.',
  run: async (session) => names(session, 'NAME', loadedConfig(session).clusters),
};

const getUsers: Verb = {
  usage: 'config get-users [flags]',
  summary: 'Display users defined in the kubeconfig.',
  run: async (session) => names(session, 'NAME', loadedConfig(session).users),
};

async function names(
  session: Session,
  title: string,
  all: readonly { readonly name: string }[],
): Promise<number> {
  session.out(`${title}\n`);
  for (const name of all.map((each) => each.name).sort()) session.out(`${name}\n`);
  return 0;
}

const useContext: Verb = {
  usage: 'config use-context CONTEXT_NAME',
  summary: 'Set the current-context in a kubeconfig file.',
  run: async (session) => {
    const [name] = session.args;
    if (name === undefined) throw session.usage('Unexpected args: []');
    await changeConfig(session, (config) => {
      if (!loadedConfig(session).contexts.some((each) => each.name === name)) {
        throw new Failure(`no context exists with the name: "${name}"`);
      }
      return { ...config, 'current-context': name };
    });
    session.out(`Switched to context "${name}".\n`);
    return 0;
  },
};

const setContext: Verb = {
  usage:
    'config set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]',
  summary: 'Set a context entry in kubeconfig.',
  flags: {
    cluster: { type: 'string', help: 'Cluster of the context' },
    current: { type: 'bool', default: 'false', help: 'Change the current context' },
    namespace: { type: 'string', shorthand: 'n', help: 'Namespace of the context' },
    user: { type: 'string', help: 'User of the context' },
  },
  run: async (session) => {
    const { flags } = session;
    const name = flags.bool('current') ? loadedConfig(session)['current-context'] : session.args[0];
    if (name === undefined || name === '')
      throw new Failure(
        flags.bool('current')
          ? 'no current context is set'
          : 'you must specify a non-empty context name or --current',
      );
    let created = false;
    await changeConfig(session, (config) => {
      const old = config.contexts.find((each) => each.name === name);
      created = old === undefined;
      const context = {
        cluster: '',
        user: '',
        ...old?.context,
        ...given(flags.string('cluster'), 'cluster'),
        ...given(flags.string('user'), 'user'),
        ...given(flags.string('namespace'), 'namespace'),
      };
      return {
        ...config,
        contexts: [...config.contexts.filter((each) => each.name !== name), { name, context }],
      };
    });
    session.out(`Context "${name}" ${created ? 'created' : 'modified'}.\n`);
    return 0;
  },
};

const deleteContext: Verb = {
  usage: 'config delete-context NAME',
  summary: 'Delete the specified context from the kubeconfig.',
  run: async (session) => {
    const [name] = session.args;
    if (name === undefined) throw new ExitWith(1, 'error: you must specify a context to delete');
    await changeConfig(session, (config) => {
      if (!config.contexts.some((each) => each.name === name)) {
        throw new Failure(`cannot delete context ${name}, not in ${configPath(session)}`);
      }
      if (config['current-context'] === name) {
        session.err(
          'warning: this removed your active context, use "cox config use-context" to select a different one\n',
        );
      }
      return { ...config, contexts: config.contexts.filter((each) => each.name !== name) };
    });
    session.out(`deleted context ${name} from ${configPath(session)}\n`);
    return 0;
  },
};

export const config = kubectlCommand('config', {
  usage: 'config SUBCOMMAND',
  summary: 'Modify kubeconfig files using subcommands like "cox config set current-context my-context".',
  subcommands: {
    'current-context': async () => currentContext,
    'delete-cluster': async () => (await import('./entries.ts')).deleteCluster,
    'delete-context': async () => deleteContext,
    'delete-user': async () => (await import('./entries.ts')).deleteUser,
    'get-clusters': async () => getClusters,
    'get-contexts': async () => getContexts,
    'get-users': async () => getUsers,
    'rename-context': async () => (await import('./entries.ts')).renameContext,
    set: async () => (await import('./property.ts')).set,
    'set-cluster': async () => (await import('./entries.ts')).setCluster,
    'set-context': async () => setContext,
    'set-credentials': async () => (await import('./entries.ts')).setCredentials,
    unset: async () => (await import('./property.ts')).unset,
    use: async () => useContext,
    'use-context': async () => useContext,
    view: async () => view,
  },
});

function given(value: string | undefined, key: string): object {
  return value === undefined ? {} : { [key]: value };
}

function minified(config: Kubeconfig, name: string): Kubeconfig {
  const context = config.contexts.find((each) => each.name === name);
  if (context === undefined) throw new Failure(`cannot locate context ${name}`);
  return {
    ...config,
    'current-context': name,
    contexts: [context],
    clusters: config.clusters.filter((each) => each.name === context.context.cluster),
    users: config.users.filter((each) => each.name === context.context.user),
  };
}

/** Certificates and secrets as kubectl shows them. */
function redacted(config: Kubeconfig): Kubeconfig {
  const hide = <T extends object>(entry: T, fields: readonly string[], text: string): T =>
    Object.fromEntries(
      Object.entries(entry).map(([key, value]) => [key, fields.includes(key) && value ? text : value]),
    ) as T;
  const secrets = ['client-certificate-data', 'client-key-data'];
  return {
    ...config,
    clusters: config.clusters.map(({ name, cluster }) => ({
      name,
      cluster: hide(cluster, ['certificate-authority-data'], 'DATA+OMITTED'),
    })),
    users: config.users.map(({ name, user }) => ({
      name,
      user: hide(hide(user, secrets, 'DATA+OMITTED'), ['token', 'password'], 'REDACTED'),
    })),
  };
}
