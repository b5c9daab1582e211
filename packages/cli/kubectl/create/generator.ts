import { type KubeObject, StatusError } from '@coxswain/machinery';
import type { FlagSpecs } from '../../flags.ts';
import { Failure } from '../error-text.ts';
import { lastAppliedOf, withLastApplied } from '../last-applied.ts';
import { type DryRun, dryRunOf, ResultPrinter } from '../print/printer.ts';
import { infoOf } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { dryRunFlags, managerFlag, printFlags, validateFlags } from '../shared-flags.ts';
import { fieldValidationOf } from '../validation.ts';
import type { Verb } from '../verb.ts';

/** A verb that makes an object from flags. */
interface Generator {
  readonly usage: string;
  readonly summary: string;
  readonly flags?: FlagSpecs;
  readonly required?: readonly string[];
  /** The object, without its namespace. */
  readonly build: (session: Session, name: string) => Promise<KubeObject> | KubeObject;
  /** What the error says could not be created; absent: the server's error as it is. */
  readonly failing?: string;
  /** Told the object before it is sent; may refuse. */
  readonly manager?: string;
}

/** Flags of every generator. */
export const generatorFlags: FlagSpecs = {
  ...printFlags,
  ...dryRunFlags,
  ...validateFlags,
  ...managerFlag('kubectl-create'),
  'save-config': { type: 'bool', default: 'false', help: 'Keep the configuration for apply' },
};

export function generatorVerb(generator: Generator): Verb {
  return {
    usage: generator.usage,
    summary: generator.summary,
    flags: { ...generatorFlags, ...generator.flags },
    ...(generator.required === undefined ? {} : { required: generator.required }),
    run: async (session) => {
      const name = oneName(session);
      await createGenerated(session, await generator.build(session, name), generator.failing);
      return 0;
    },
  };
}

/** The one NAME of the command line. */
export function oneName(session: Session): string {
  const [name, ...more] = session.args;
  if (name === undefined || more.length > 0) {
    throw session.usage(`exactly one NAME is required, got ${session.args.length}`);
  }
  return name;
}

/** Creates (or with a dry run prints) an object that flags described. */
export async function createGenerated(
  session: Session,
  built: KubeObject,
  failing?: string,
  done = 'created',
): Promise<void> {
  const dryRun = dryRunOf(session);
  const printer = await ResultPrinter.of(session, dryRun);
  const object = session.flags.bool('save-config') ? withLastApplied(built, lastAppliedOf(built)) : built;
  if (dryRun === 'client') {
    const info = await clientInfo(session, object);
    printer.print(info, done);
    return;
  }
  const info = await infoOf(session, { object, source: '' });
  const rest = await session.rest();
  try {
    const created = await rest.create(
      { mapping: info.mapping, namespace: info.namespace },
      info.object,
      createQuery(session, dryRun),
    );
    printer.print({ ...info, object: created }, done);
  } catch (error) {
    throw failing === undefined ? error : failedTo(failing, error);
  }
}

function failedTo(failing: string, error: unknown): unknown {
  if (!(error instanceof StatusError)) return error;
  return new Failure(`failed to create ${failing}${failing === 'secret' ? '' : ':'} ${error.message}`, {
    cause: error,
  });
}

/** Without a server nobody knows the namespace's name: it is shown only when given. */
async function clientInfo(session: Session, object: KubeObject) {
  const info = await infoOf(session, { object, source: '' });
  const namespace = session.flags.string('namespace');
  const metadata =
    info.mapping.namespaced && namespace !== undefined ? { ...object.metadata, namespace } : object.metadata;
  return { ...info, object: { ...object, metadata } };
}

/** Query parameters of a creation. */
export function createQuery(session: Session, dryRun: DryRun): Record<string, string | undefined> {
  return {
    fieldManager: session.flags.string('field-manager'),
    fieldValidation: fieldValidationOf(session),
    dryRun: dryRun === 'server' ? 'All' : undefined,
  };
}
