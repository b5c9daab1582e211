import { Failure } from './error-text.ts';
import type { Session } from './session.ts';

/** The flag of verbs that may delete what something else belongs to. */
export const cascadeFlag = {
  cascade: {
    type: 'string',
    default: 'background',
    bare: 'background',
    help: 'What becomes of dependents: background, orphan or foreground',
  },
} as const;

const policies: Readonly<Record<string, string>> = {
  background: 'Background',
  true: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
  false: 'Orphan',
};

/** The propagation policy that `--cascade` names. Throws `Failure` for a wrong one. */
export function propagationOf(session: Session): string {
  const text = session.flags.string('cascade') ?? '';
  const policy = policies[text];
  if (policy === undefined) {
    throw new Failure(`invalid cascade value (${text}). Must be "background", "foreground", or "orphan"`);
  }
  return policy;
}
