import { formatYaml } from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import { TabWriter } from './print/tab-writer.ts';
import type { Session } from './session.ts';
import { kubectlCommand } from './verb.ts';

export const apiVersions = kubectlCommand('api-versions', {
  usage: 'api-versions',
  summary: 'Print the supported API versions on the server, in the form of "group/version".',
  run: async (session) => {
    if (session.args.length > 0) throw session.usage(`unexpected arguments: [${session.args.join(' ')}]`);
    const all = await (await session.discovery()).fresh();
    const versions = new Set(
      all.map(({ group, version }) => (group === '' ? version : `${group}/${version}`)),
    );
    for (const version of [...versions].sort()) session.out(`${version}\n`);
    return 0;
  },
});

export const apiResources = kubectlCommand('api-resources', {
  usage: 'api-resources [flags]',
  summary: 'Print the supported API resources on the server.',
  flags: {
    'api-group': { type: 'string', help: 'Of this group alone' },
    cached: { type: 'bool', default: 'false', help: 'What the cache knows will do' },
    categories: { type: 'strings', help: 'Of these categories alone' },
    namespaced: { type: 'bool', default: 'true', help: 'false: those without a namespace alone' },
    'no-headers': { type: 'bool', default: 'false', help: 'Leave the headers out' },
    output: { type: 'string', shorthand: 'o', help: 'wide or name' },
    'sort-by': { type: 'string', help: 'name or kind' },
    verbs: { type: 'strings', help: 'With these verbs alone' },
  },
  run: listResources,
});

async function listResources(session: Session): Promise<number> {
  const { flags, args } = session;
  if (args.length > 0) throw session.usage(`unexpected arguments: [${args.join(' ')}]`);
  const output = flags.string('output') ?? '';
  if (!['', 'wide', 'name'].includes(output)) throw new Failure(`--output ${output} is not available`);
  const sortBy = flags.string('sort-by') ?? '';
  if (!['', 'name', 'kind'].includes(sortBy)) throw new Failure(`--sort-by accepts only name or kind`);
  const discovery = await session.discovery();
  const all = flags.bool('cached') ? await discovery.all() : await discovery.fresh();
  const group = flags.string('api-group');
  const preferred = new Map<string, string>();
  for (const each of all) if (!preferred.has(each.group)) preferred.set(each.group, each.version);
  const seen = new Set<string>();
  const shown = all.filter((each) => {
    const key = `${each.resource}.${each.group}`;
    if (seen.has(key) || each.verbs.length === 0) return false;
    seen.add(key);
    if (group !== undefined && each.group !== group) return false;
    if (flags.has('namespaced') && each.namespaced !== flags.bool('namespaced')) return false;
    if (!flags.strings('categories').every((category) => each.categories.includes(category))) return false;
    return flags.strings('verbs').every((verb) => each.verbs.includes(verb));
  });
  const order = (each: (typeof shown)[number]): string =>
    sortBy === 'kind' ? `${each.kind}` : sortBy === 'name' ? each.resource : `${each.group} ${each.resource}`;
  shown.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const tabs = new TabWriter((text) => session.out(text));
  if (output === '' || output === 'wide') {
    const wide = output === 'wide' ? ['VERBS', 'CATEGORIES'] : [];
    if (!flags.bool('no-headers'))
      tabs.row(['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...wide]);
  }
  for (const each of shown) {
    const full = each.group === '' ? each.resource : `${each.resource}.${each.group}`;
    const apiVersion = each.group === '' ? each.version : `${each.group}/${each.version}`;
    if (output === 'name') {
      session.out(`${full}\n`);
      continue;
    }
    const wide = output === 'wide' ? [each.verbs.join(','), each.categories.join(',')] : [];
    tabs.row([
      each.resource,
      each.shortNames.join(','),
      apiVersion,
      String(each.namespaced),
      each.kind,
      ...wide,
    ]);
  }
  tabs.flush();
  return 0;
}

export const version = kubectlCommand('version', {
  usage: 'version [flags]',
  summary: 'Print the client and server version information for the current context.',
  flags: {
    client: { type: 'bool', default: 'false', help: 'The version of this program alone' },
    output: { type: 'string', shorthand: 'o', help: 'yaml or json' },
  },
  run: async (session) => {
    const { flags } = session;
    const output = flags.string('output') ?? '';
    if (!['', 'yaml', 'json'].includes(output)) throw new Failure(`--output must be 'yaml' or 'json'`);
    const clientVersion = {
      major: '1',
      minor: '36',
      gitVersion: 'v1.36.2',
      goVersion: `node ${process.version}`,
      compiler: 'v8',
      platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
    };
    if (output === '') session.out(`Client Version: ${clientVersion.gitVersion}\n`);
    const serverVersion = flags.bool('client') ? undefined : await (await session.rest()).json('/version');
    const all = { clientVersion, ...(serverVersion === undefined ? {} : { serverVersion }) };
    if (output === 'json') {
      session.out(`${JSON.stringify(all, undefined, 2)}\n`);
    } else if (output === 'yaml') {
      session.out(formatYaml(all));
    } else if (serverVersion !== undefined) {
      session.out(`Server Version: ${serverVersion.gitVersion}\n`);
    }
    return 0;
  },
});

export const clusterInfo = kubectlCommand('cluster-info', {
  usage: 'cluster-info [flags]',
  summary:
    'Display addresses of the control plane and services with label kubernetes.io/cluster-service=true.',
  subcommands: { dump: async () => (await import('./cluster-info-dump.ts')).dump },
  run: async (session) => {
    const { options } = await session.connection();
    const bold = (text: string, code: number): string =>
      session.streams.out.isTTY ? `\x1b[0;${code}m${text}\x1b[0m` : text;
    const line = (what: string, where: string): void =>
      session.out(`${bold(what, 32)} is running at ${bold(where, 33)}\n`);
    line('Kubernetes control plane', options.server);
    const mapping = { group: '', version: 'v1', resource: 'services' };
    const services = await (await session.rest()).list(
      { mapping, namespace: session.flags.string('namespace') ?? 'kube-system' },
      { labelSelector: 'kubernetes.io/cluster-service=true' },
    );
    for (const { metadata, spec } of services.items as any[]) {
      const port = spec.ports?.[0]?.name;
      const name = metadata.labels?.['kubernetes.io/name'] || metadata.name;
      const target = `${metadata.name}${port ? `:${port}` : ''}`;
      line(name, `${options.server}/api/v1/namespaces/${metadata.namespace}/services/${target}/proxy`);
    }
    session.out("\nTo further debug and diagnose cluster problems, use 'cox cluster-info dump'.\n");
    return 0;
  },
});
