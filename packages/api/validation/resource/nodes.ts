import { type FieldPath, invalid, required } from '@coxswain/machinery';
import { goStruct } from '../go-print.ts';
import { dnsSubdomainName } from '../names.ts';
import { validateNodeSelector } from '../pod/scheduling/node-selector.ts';
import { addInvalid, type Errors, type Json, sizeOf } from '../values.ts';

/** How a slice and its devices differ in what they say of nodes. */
interface Words {
  readonly noName: string;
  readonly flags: readonly string[];
  readonly oneTerm: boolean;
}

/** Gives the names of what is set. */
function validateWays(errs: Errors, holder: Json, path: FieldPath, words: Words): string[] {
  const { nodeName, nodeSelector } = holder;
  const set: string[] = [];
  if (nodeName === '') errs.push(invalid(path.child('nodeName'), nodeName, words.noName));
  else if (nodeName != null) {
    set.push('`nodeName`');
    addInvalid(errs, path.child('nodeName'), nodeName, dnsSubdomainName(nodeName, false));
  }
  if (nodeSelector != null) {
    set.push('`nodeSelector`');
    const place = path.child('nodeSelector');
    validateNodeSelector(errs, nodeSelector, place);
    if (words.oneTerm)
      validateOneTerm(errs, nodeSelector.nodeSelectorTerms, place.child('nodeSelectorTerms'));
  }
  for (const flag of words.flags) {
    if (holder[flag] === true) set.push(`\`${flag}\``);
    else if (holder[flag] != null) {
      errs.push(invalid(path.child(flag), holder[flag], 'must be either unset or set to true'));
    }
  }
  return set;
}

function validateOneTerm(errs: Errors, terms: readonly Json[] | undefined, path: FieldPath): void {
  if (sizeOf(terms) === 1) return;
  const shown = terms?.map((term) => goStruct(term, 'io.k8s.api.core.v1.NodeSelectorTerm')) ?? null;
  errs.push(invalid(path, shown, 'must have exactly one node selector term'));
}

/** From where the devices of a slice can be reached: exactly one way to say it. */
export function validateSliceNodes(errs: Errors, spec: Json, path: FieldPath): void {
  const set = validateWays(errs, spec, path, {
    noName: 'must be either unset or set to a non-empty string',
    flags: ['allNodes', 'perDeviceNodeSelection'],
    oneTerm: true,
  });
  const rule = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  if (set.length === 0) errs.push(required(path, rule));
  else if (set.length > 1) {
    errs.push(invalid(path, `{${set.join(', ')}}`, `${rule}, but multiple fields are set`));
  }
}

/** The same of a device, where its slice leaves that to each of them, and nothing where it does not. */
export function validateDeviceNodes(errs: Errors, device: Json, path: FieldPath, perDevice: boolean): void {
  if (!perDevice) {
    if ((device['nodeName'] ?? device['nodeSelector'] ?? device['allNodes']) == null) return;
    const message =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
    errs.push(invalid(path, null, message));
    return;
  }
  const set = validateWays(errs, device, path, {
    noName: 'must not be empty',
    flags: ['allNodes'],
    oneTerm: false,
  });
  const rule =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  if (set.length === 0) errs.push(required(path, rule));
  else if (set.length > 1) errs.push(invalid(path, `{${set.join(', ')}}`, rule));
}
