import { formatTime, isConflict, type KubeObject } from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import { ResultPrinter } from './print/printer.ts';
import { fileSources } from './read-files.ts';
import { type Info, visit } from './resource-builder.ts';
import type { Session } from './session.ts';
import { fileFlags, printFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

/** kubectl's: how often a condition is added anew after somebody else changed the request. */
const maxConflicts = 10;

interface Decision {
  readonly type: 'Approved' | 'Denied';
  /** What the request must not have been given already. */
  readonly opposite: string;
  readonly reason: string;
  readonly message: string;
}

const approve = verbOf('approve', {
  type: 'Approved',
  opposite: 'Denied',
  reason: 'KubectlApprove',
  message: 'This CSR was approved by kubectl certificate approve.',
});

const deny = verbOf('deny', {
  type: 'Denied',
  opposite: 'Approved',
  reason: 'KubectlDeny',
  message: 'This CSR was denied by kubectl certificate deny.',
});

export const certificate = kubectlCommand('certificate', {
  usage: 'certificate SUBCOMMAND',
  summary: 'Modify certificate resources.',
  bareHelp: true,
  subcommands: { approve: async () => approve, deny: async () => deny },
});

function verbOf(name: string, decision: Decision): Verb {
  return {
    usage: `certificate ${name} (-f FILENAME | NAME)`,
    summary: `${name === 'deny' ? 'Deny' : 'Approve'} a certificate signing request.`,
    flags: {
      ...fileFlags,
      ...printFlags,
      force: { type: 'bool', default: 'false', help: 'Also when it was decided so already' },
    },
    run: (session) => decide(session, decision),
  };
}

async function decide(session: Session, decision: Decision): Promise<number> {
  const files = fileSources(session);
  if (session.args.length === 0 && files === undefined) {
    throw new Failure('one or more CSRs must be specified as <name> or -f <filename>');
  }
  const printer = await ResultPrinter.of(session);
  const args = session.args.map((name) => `certificatesigningrequests/${name}`);
  const found = await visit(session, { args, files }, async (info) => {
    printer.print(
      { ...info, object: await addCondition(session, info, decision) },
      decision.type.toLowerCase(),
    );
  });
  if (found === 0) session.out('No resources found\n');
  return 0;
}

async function addCondition(
  session: Session,
  info: Info & { readonly object: KubeObject },
  { type, opposite, reason, message }: Decision,
): Promise<KubeObject> {
  const { group, kind } = info.mapping;
  if (group !== 'certificates.k8s.io' || kind !== 'CertificateSigningRequest') {
    throw new Failure(
      `can only handle CertificateSigningRequest.certificates.k8s.io objects, got ${kind}${group === '' ? '' : `.${group}`}`,
    );
  }
  const rest = await session.rest();
  for (let attempt = 0; ; attempt++) {
    const request = await rest.get(info);
    const conditions: readonly { readonly type: string }[] = request['status']?.conditions ?? [];
    if (conditions.some((each) => each.type === opposite)) {
      throw new Failure(`certificate signing request "${info.name}" is already ${opposite}`);
    }
    const decided = conditions.some((each) => each.type === type);
    if (decided && !session.flags.bool('force')) return info.object;
    const lastUpdateTime = formatTime(session.clock.now());
    const condition = { type, status: 'True', reason, message, lastUpdateTime };
    const status = { ...request['status'], conditions: decided ? conditions : [...conditions, condition] };
    try {
      await rest.replace({ ...info, subresource: 'approval' }, { ...request, status });
      return info.object;
    } catch (error) {
      if (!isConflict(error) || attempt >= maxConflicts) throw error;
    }
  }
}
