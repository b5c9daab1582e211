import type { Session } from '../session.ts';
import type { Candidates } from './complete.ts';

/** Objects of one type that a verb takes. */
const typeOfVerb: Readonly<Record<string, string>> = {
  attach: 'pods',
  cordon: 'nodes',
  debug: 'pods',
  drain: 'nodes',
  exec: 'pods',
  logs: 'pods',
  'port-forward': 'pods',
  'top node': 'nodes',
  'top pod': 'pods',
  uncordon: 'nodes',
  'certificate approve': 'certificatesigningrequests',
  'certificate deny': 'certificatesigningrequests',
};

/** Verbs that take `TYPE [NAME]`, after so many other arguments. */
const takesType: Readonly<Record<string, number>> = Object.fromEntries([
  ...'get describe delete edit patch label annotate scale autoscale expose wait explain'
    .split(' ')
    .map((name) => [name, 0]),
  ...'history pause restart resume status undo'.split(' ').map((name) => [`rollout ${name}`, 0]),
  ...'env image resources selector serviceaccount subject'.split(' ').map((name) => [`set ${name}`, 0]),
  ['taint', 0],
  ['auth can-i', 1],
  ['apply view-last-applied', 0],
  ['apply edit-last-applied', 0],
]);

const outputs = [
  'json',
  'yaml',
  'kyaml',
  'name',
  'wide',
  'custom-columns=',
  'custom-columns-file=',
  'go-template=',
  'go-template-file=',
  'jsonpath=',
  'jsonpath-as-json=',
  'jsonpath-file=',
];

const fixed: Readonly<Record<string, readonly string[]>> = {
  cascade: ['background', 'foreground', 'orphan'],
  'dry-run': ['none', 'client', 'server'],
  'image-pull-policy': ['Always', 'IfNotPresent', 'Never'],
  output: outputs,
  restart: ['Always', 'OnFailure', 'Never'],
  validate: ['strict', 'warn', 'ignore'],
};

/** What may stand as the value of a flag. */
export async function flagValueCandidates(session: Session, flag: string): Promise<Candidates> {
  const words = fixed[flag];
  if (words !== undefined) return { words };
  switch (flag) {
    case 'namespace':
      return { words: await namesOf(session, 'namespaces') };
    case 'container':
      return { words: await containersOf(session) };
    case 'context':
    case 'cluster':
    case 'user':
      return { words: await configNames(session, `${flag}s`) };
    default:
      return { words: [], files: /file|kube|certificate|key|dir|template|custom/.test(flag) };
  }
}

/** What may stand as the next argument. */
export async function argumentCandidates(session: Session, typed: string): Promise<Candidates> {
  const { path, args } = session;
  if (path.startsWith('config '))
    return { words: args.length === 0 ? await configNames(session, listOf(path)) : [] };
  if (path === 'completion') return { words: ['bash', 'fish', 'zsh'] };
  if (path === 'cp' || path === 'kustomize' || path === 'plugin') return { words: [], files: true };
  const slash = typed.indexOf('/');
  if (slash > 0) {
    const type = typed.slice(0, slash);
    return { words: (await namesOf(session, type)).map((name) => `${type}/${name}`) };
  }
  const type = typeOfVerb[path];
  if (type !== undefined)
    return { words: args.length === 0 || type === 'nodes' ? await namesOf(session, type) : [] };
  const skipped = takesType[path];
  if (skipped === undefined || args.length < skipped) return { words: [] };
  const [named] = args.slice(skipped);
  return { words: named === undefined ? await typeNames(session) : await namesOf(session, named) };
}

function listOf(path: string): string {
  if (/context/.test(path)) return 'contexts';
  return /cluster/.test(path) ? 'clusters' : 'users';
}

async function configNames(session: Session, list: string): Promise<string[]> {
  const { loadedConfig } = await import('../config/kubeconfig-file.ts');
  const entries = loadedConfig(session)[list as 'contexts'];
  return entries.map(({ name }) => name).sort();
}

async function typeNames(session: Session): Promise<string[]> {
  const all = await (await session.discovery()).all();
  const names = all.map(({ resource, group }) => (group === '' ? resource : `${resource}.${group}`));
  return [...new Set(names)].sort();
}

async function namesOf(session: Session, type: string): Promise<string[]> {
  const mapping = await (await session.discovery()).resourceFor(type);
  const namespace = mapping.namespaced ? await session.namespace() : undefined;
  const list = await (await session.rest()).list({ mapping, namespace }, { limit: 500 });
  return list.items.map(({ metadata }) => metadata.name ?? '').sort();
}

async function containersOf(session: Session): Promise<string[]> {
  const [name = ''] = session.args;
  const mapping = await (await session.discovery()).resourceFor('pods');
  const bare = name.replace(/^pods?\//, '');
  const pod = await (await session.rest()).get({ mapping, namespace: await session.namespace(), name: bare });
  return [...pod['spec'].containers, ...(pod['spec'].initContainers ?? [])].map((each: any) => each.name);
}
