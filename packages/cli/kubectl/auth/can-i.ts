import { ExitWith, Failure } from '../error-text.ts';
import { TabWriter } from '../print/tab-writer.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

const reviews = { group: 'authorization.k8s.io', version: 'v1' };

/** Verbs that kubectl knows; others are asked about with a warning. */
const resourceVerbs = new Set(
  'get list watch create update patch delete deletecollection use bind impersonate * approve sign escalate attest'.split(
    ' ',
  ),
);
const urlVerbs = new Set(['get', 'put', 'post', 'head', 'options', 'delete', 'patch', '*']);
/** Resources of rules that no discovery shows. */
const impersonated = new Set(['users', 'groups']);

export const canI: Verb = {
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

async function runCanI(session: Session): Promise<number> {
  const { flags, args } = session;
  if (flags.bool('list')) return listRules(session);
  const [verb, what] = args;
  if (verb === undefined || what === undefined || args.length > 2) {
    throw new Failure(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'cox auth can-i -h' for help and examples.",
    );
  }
  const spec = what.startsWith('/')
    ? { nonResourceAttributes: urlAttributesOf(session, verb, what) }
    : { resourceAttributes: await attributesOf(session, verb, what) };
  if (flags.bool('no-headers')) throw new Failure('--no-headers cannot be set without --list specified');
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

function urlAttributesOf(session: Session, verb: string, path: string): object {
  if (session.flags.string('subresource')) {
    throw new Failure('--subresource can not be used with NonResourceURL');
  }
  if (!urlVerbs.has(verb)) warn(session, `verb '${verb}' is not a known verb`);
  return { path, verb };
}

function warn(session: Session, text: string): void {
  session.err(`Warning: ${text}\n\n`);
}

async function attributesOf(session: Session, verb: string, what: string): Promise<object> {
  const slash = what.indexOf('/');
  const type = slash < 0 ? what : what.slice(0, slash);
  const name = slash < 0 ? '' : what.slice(slash + 1);
  const { group, resource, namespaced } = await resourceOf(session, type);
  const subresource = session.flags.string('subresource') ?? '';
  const everywhere = session.flags.bool('all-namespaces');
  if (!namespaced && !everywhere) {
    warn(
      session,
      `resource '${resource}' is not namespace scoped${group === '' ? '' : ` in group '${group}'`}`,
    );
  }
  if (!everywhere && !resourceVerbs.has(verb)) warn(session, `verb '${verb}' is not a known verb`);
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
  if (type === '*') return { group: '', resource: '*', namespaced: true };
  try {
    return await (await session.discovery()).resourceFor(type);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const [resource = '', ...group] = type.split('.');
    if (!impersonated.has(type)) {
      warn(
        session,
        `the server doesn't have a resource type '${resource}'${group.length === 0 ? '' : ` in group '${group.join('.')}'`}`,
      );
    }
    return { group: '', resource: type, namespaced: true };
  }
}

async function listRules(session: Session): Promise<number> {
  const { flags, args } = session;
  if (args.length > 0) throw new Failure('list option must be specified with no arguments');
  if (flags.bool('quiet') || flags.bool('all-namespaces') || flags.string('subresource')) {
    throw new Failure(
      "list option can't be specified with neither quiet, all-namespaces nor subresource options",
    );
  }
  const mapping = { ...reviews, resource: 'selfsubjectrulesreviews' };
  const namespace = await session.namespace();
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    metadata: {},
    spec: { namespace },
  };
  const { status } = await (await session.rest()).create({ mapping }, review);
  if (status.incomplete) warn(session, `the list may be incomplete: ${status.evaluationError ?? ''}`);
  const { compactRules } = await import('../describe/rules.ts');
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
