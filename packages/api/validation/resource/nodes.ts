import { type FieldPath, invalid, required } from '@coxswain/machinery';
import { goStruct } from '../go-print.ts';
import { dnsSubdomainName } from '../names.ts';
import { validateNodeSelector } from '../pod/node-selector.ts';
import { addInvalid, type Errors, type Json, sizeOf } from '../values.ts';

/** From where devices can be reached: exactly one way to say it. */
export function validateNodes(errs: Errors, holder: Json, path: FieldPath, perDevice: boolean): void {
  const { nodeName, nodeSelector, allNodes, perDeviceNodeSelection } = holder;
  const set: string[] = [];
  const flag = (member: string, value: boolean | undefined): void => {
    if (value == null) return;
    if (value) set.push(`\`${member}\``);
    else errs.push(invalid(path.child(member), value, 'must be either unset or set to true'));
  };
  if (nodeName != null) {
    set.push('`nodeName`');
    const place = path.child('nodeName');
    if (nodeName === '') {
      errs.push(invalid(place, nodeName, 'must be either unset or set to a non-empty string'));
    } else addInvalid(errs, place, nodeName, dnsSubdomainName(nodeName, false));
  }
  if (nodeSelector != null) {
    set.push('`nodeSelector`');
    validateNodeSelector(errs, nodeSelector, path.child('nodeSelector'));
    if (sizeOf(nodeSelector.nodeSelectorTerms) !== 1) {
      const place = path.child('nodeSelector').child('nodeSelectorTerms');
      const message = 'must have exactly one node selector term';
      const terms: readonly Json[] | undefined = nodeSelector.nodeSelectorTerms;
      const shown = terms?.map((term) => goStruct(term, 'io.k8s.api.core.v1.NodeSelectorTerm')) ?? null;
      errs.push(invalid(place, shown, message));
    }
  }
  flag('allNodes', allNodes);
  if (perDevice) flag('perDeviceNodeSelection', perDeviceNodeSelection);
  const ways = perDevice
    ? '`nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection`'
    : '`nodeName`, `nodeSelector`, or `allNodes`';
  const rule = `exactly one of ${ways} is required`;
  if (set.length === 0) errs.push(required(path, rule));
  else if (set.length > 1) {
    errs.push(invalid(path, `{${set.join(', ')}}`, `${rule}, but multiple fields are set`));
  }
}
