import { ExitWith, Failure } from './error-text.ts';
import { printerOf } from './print/printer.ts';
import { TabWriter } from './print/tab-writer.ts';
import type { Session } from './session.ts';
import { printFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const reviews = { group: 'authorization.k8s.io', version: 'v1' };

const canI: Verb = {
  usage: 'auth can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]',
  summary: 'Check whether an action is allowed.',
  flags: {
    'all-namespaces': { type: 'bool', shorthand: 'A', default: 'false', help: 'In all namespaces' },
    list: { type: 'bool', default: 'false', help: 'Print all that is allowed' },
    'no-headers': { type: 'bool', default: 'false', help: 'Leave the headers out' },
    quiet: { type: 'bool', shorthand: 'q', default: 'false', help: 'Answer by the exit code alone' },
    subresource: { type: 'string', help: 'Subresource, such as log' },
  },
  run: runCanI,
};

const whoami: Verb = {
  usage: 'auth whoami',
  summary: 'Experimental: Check self subject attributes.',
  flags: printFlags,
  run: async (session) => {
    const printer = await printerOf(session);
    const mapping = { group: 'authentication.k8s.io', version: 'v1', resource: 'selfsubjectreviews' };
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} };
    const answer = await (await session.rest()).create({ mapping }, review);
    if (printer !== undefined) {
      printer.print([answer]);
      return 0;
    }
    const { username = '', uid, groups = [], extra = {} } = answer['status'].userInfo;
    const tabs = new TabWriter((text) => session.out(text));
    tabs.row(['ATTRIBUTE', 'VALUE']);
    tabs.row(['Username', username]);
    if (uid) tabs.row(['UID', uid]);
    if (groups.length > 0) tabs.row(['Groups', `[${groups.join(' ')}]`]);
    for (const key of Object.keys(extra).sort()) tabs.row([`Extra: ${key}`, `[${extra[key].join(' ')}]`]);
    tabs.flush();
    return 0;
  },
};

export const auth = kubectlCommand('auth', {
  usage: 'auth [flags]',
  summary: 'Inspect authorization.',
  subcommands: { 'can-i': async () => canI, whoami: async () => whoami },
});

async function runCanI(session: Session): Promise<number> {
  const { flags, args } = session;
  if (flags.bool('list')) return listRules(session);
  const [verb, what] = args;
  if (verb === undefined || what === undefined || args.length > 3) {
    throw new Failure(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'cox auth can-i -h' for help and examples.",
    );
  }
  const spec = what.startsWith('/')
    ? { nonResourceAttributes: { path: what, verb } }
    : { resourceAttributes: await attributesOf(session, verb, what, args[2]) };
  const mapping = { ...reviews, resource: 'selfsubjectaccessreviews' };
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    metadata: {},
    spec,
  };
  const {
    allowed,
    reason = '',
    evaluationError = '',
  } = (await (await session.rest()).create({ mapping }, review))['status'];
  if (!flags.bool('quiet')) {
    const why = `${reason === '' ? '' : ` - ${reason}`}${evaluationError === '' ? '' : ` - ${evaluationError}`}`;
    session.out(allowed ? 'yes\n' : `no${why}\n`);
  }
  if (!allowed) throw new ExitWith(1, '');
  return 0;
}

async function attributesOf(
  session: Session,
  verb: string,
  what: string,
  third: string | undefined,
): Promise<object> {
  const [type = '', name = third ?? ''] = what.split('/');
  const { group, resource, namespaced } = await resourceOf(session, type);
  const subresource = session.flags.string('subresource') ?? '';
  const everywhere = session.flags.bool('all-namespaces');
  if (!namespaced && !everywhere) {
    session.err(
      `Warning: resource '${resource}' is not namespace scoped${group === '' ? '' : ` in group '${group}'`}\n\n`,
    );
  }
  return {
    ...(everywhere ? {} : { namespace: await session.namespace() }),
    verb,
    group,
    resource,
    ...(subresource === '' ? {} : { subresource }),
    ...(name === '' ? {} : { name }),
  };
}

async function resourceOf(session: Session, type: string) {
  if (type === '*') return { group: '*', resource: '*', namespaced: true };
  try {
    return await (await session.discovery()).resourceFor(type);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const [resource = '', ...group] = type.split('.');
    session.err(
      `Warning: the server doesn't have a resource type '${resource}'${group.length === 0 ? '' : ` in group '${group.join('.')}'`}\n\n`,
    );
    return { group: group.join('.'), resource, namespaced: true };
  }
}

async function listRules(session: Session): Promise<number> {
  const mapping = { ...reviews, resource: 'selfsubjectrulesreviews' };
  const namespace = await session.namespace();
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    metadata: {},
    spec: { namespace },
  };
  const { status } = await (await session.rest()).create({ mapping }, review);
  const { compactRules } = await import('./describe/rules.ts');
  const rules = compactRules([...(status.resourceRules ?? []), ...(status.nonResourceRules ?? [])]);
  const tabs = new TabWriter((text) => session.out(text));
  if (!session.flags.bool('no-headers'))
    tabs.row(['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs']);
  for (const { resource, urls, names, verbs } of rules) {
    tabs.row([resource, ...[urls, names, verbs].map((list) => `[${list.join(' ')}]`)]);
  }
  tabs.flush();
  return 0;
}
