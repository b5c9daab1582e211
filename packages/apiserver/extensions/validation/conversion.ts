import { validateWebhookClient } from '@coxswain/api';
import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  isDNS1035Label,
  notSupported,
  required,
} from '@coxswain/machinery';
import { type Definition, isTrue } from '../definition.ts';
import { caBundleFault } from './ca-bundle.ts';

const strategies = ['None', 'Webhook'];
/** The versions of reviews that the server speaks. */
const reviewVersions: readonly string[] = ['v1', 'v1beta1'];

/** What is wrong with how objects get from version to version. */
export function validateConversion(
  errors: FieldError[],
  definition: Definition,
  old: Definition | undefined,
  path: FieldPath,
): void {
  const { strategy = '', webhook } = definition.spec.conversion ?? {};
  if (strategy === '') errors.push(required(path.child('strategy')));
  else if (!strategies.includes(strategy)) {
    errors.push(notSupported(path.child('strategy'), strategy, strategies));
  }
  const client = webhook?.clientConfig;
  const clientPath = path.child('webhookClientConfig');
  const versions = webhook?.conversionReviewVersions ?? [];
  const versionsPath = path.child('conversionReviewVersions');
  if (strategy !== 'Webhook') {
    const text = 'should not be set when strategy is not set to Webhook';
    if (client !== undefined) errors.push(forbidden(clientPath, text));
    if (versions.length > 0) errors.push(forbidden(versionsPath, text));
    return;
  }
  if (client === undefined) errors.push(required(clientPath, 'required when strategy is set to Webhook'));
  else {
    validateWebhookClient(errors, client as Record<string, unknown>, clientPath);
    const fault = toleratesBundle(old) ? undefined : caBundleFault(client.caBundle);
    if (fault !== undefined) errors.push(invalid(clientPath.child('caBundle'), client.caBundle, fault));
  }
  validateReviewVersions(errors, versions, old, versionsPath);
}

/** A bundle that is none keeps a definition from being established; from then on there may come none. */
function toleratesBundle(old: Definition | undefined): boolean {
  if (old === undefined || !isTrue(old, 'Established')) return true;
  return caBundleFault(old.spec.conversion?.webhook?.clientConfig?.caBundle) !== undefined;
}

function validateReviewVersions(
  errors: FieldError[],
  versions: readonly string[],
  old: Definition | undefined,
  path: FieldPath,
): void {
  if (versions.length === 0) {
    errors.push(required(path));
    return;
  }
  versions.forEach((version, i) => {
    if (versions.indexOf(version) < i) {
      errors.push(invalid(path.index(i), version, 'duplicate version'));
      return;
    }
    for (const text of isDNS1035Label(version)) errors.push(invalid(path.index(i), version, text));
  });
  const isSpoken = (all: readonly string[]): boolean => all.some((one) => reviewVersions.includes(one));
  const before = old?.spec.conversion?.webhook?.conversionReviewVersions ?? [];
  if (!isSpoken(versions) && (before.length === 0 || isSpoken(before))) {
    errors.push(invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`));
  }
}
