import { type FieldPath, forbidden, invalid, notSupported, required } from '@coxswain/machinery';
import { goStruct } from '../go-print.ts';
import { semanticEqual } from '../immutable.ts';
import { type Errors, type Json, specPath } from '../values.ts';
import { validateConditionTypes } from './conditions.ts';
import { mandatoryPriorityLevels } from './mandatory.ts';

const mostQueues = 10_000_000;
// the hash that deals a hand of queues has 64 bits, of which 60 are used
const mostHashBits = 60;
const definition = 'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec';

/** ValidatePriorityLevelConfiguration without the metadata. */
export function validatePriorityLevel(errs: Errors, level: Json): void {
  const name: string = level['metadata'].name ?? '';
  const spec: Json = level['spec'] ?? {};
  validateSpec(errs, name, spec);
  validateMandatory(errs, name, spec);
  validateConditionTypes(errs, level);
}

function validateMandatory(errs: Errors, name: string, spec: Json): void {
  const fixed = mandatoryPriorityLevels[name];
  if (fixed === undefined) return;
  const shown = (): unknown => goStruct(spec, definition);
  if (name === 'exempt') {
    if (spec['type'] === fixed['type'] && spec['limited'] == null) return;
    const message = `spec of '${name}' except the 'spec.exempt' field must equal the fixed value`;
    errs.push(invalid(specPath, shown(), message));
  } else if (!semanticEqual(spec, fixed)) {
    errs.push(invalid(specPath, shown(), `spec of '${name}' must equal the fixed value`));
  }
}

function validateSpec(errs: Errors, name: string, spec: Json): void {
  const { type, limited, exempt } = spec;
  if ((name === 'exempt') !== (type === 'Exempt')) {
    const message = "type must be 'Exempt' if and only if name is 'exempt'";
    errs.push(invalid(specPath.child('type'), type ?? '', message));
  }
  if (type === 'Exempt') {
    if (limited != null) {
      errs.push(forbidden(specPath.child('limited'), 'must be nil if the type is not Limited'));
    }
    if (exempt != null) validateExempt(errs, exempt, specPath.child('exempt'));
  } else if (type === 'Limited') {
    if (exempt != null) errs.push(forbidden(specPath.child('exempt'), 'must be nil if the type is Limited'));
    if (limited == null) {
      errs.push(required(specPath.child('limited'), 'must not be empty when type is Limited'));
    } else validateLimited(errs, limited, specPath.child('limited'));
  } else {
    errs.push(notSupported(specPath.child('type'), type ?? '', ['Exempt', 'Limited']));
  }
}

function validateShares(errs: Errors, holder: Json, path: FieldPath): void {
  const shares: number = holder['nominalConcurrencyShares'] ?? 0;
  if (shares >= 0) return;
  errs.push(invalid(path.child('nominalConcurrencyShares'), shares, 'must be a non-negative integer'));
}

function validateLendable(errs: Errors, holder: Json, path: FieldPath): void {
  const percent: number = holder['lendablePercent'] ?? 0;
  if (percent >= 0 && percent <= 100) return;
  errs.push(invalid(path.child('lendablePercent'), percent, 'must be between 0 and 100, inclusive'));
}

function validateExempt(errs: Errors, exempt: Json, path: FieldPath): void {
  validateShares(errs, exempt, path);
  validateLendable(errs, exempt, path);
}

function validateLimited(errs: Errors, limited: Json, path: FieldPath): void {
  validateShares(errs, limited, path);
  validateLimitResponse(errs, limited['limitResponse'] ?? {}, path.child('limitResponse'));
  validateLendable(errs, limited, path);
  const borrowing: number = limited['borrowingLimitPercent'] ?? 0;
  if (borrowing >= 0) return;
  const message = 'if specified, must be a non-negative integer';
  errs.push(invalid(path.child('borrowingLimitPercent'), borrowing, message));
}

function validateLimitResponse(errs: Errors, response: Json, path: FieldPath): void {
  const { type, queuing } = response;
  const place = path.child('queuing');
  if (type === 'Reject') {
    const message = 'must be nil if limited.limitResponse.type is not Limited';
    if (queuing != null) errs.push(forbidden(place, message));
  } else if (type === 'Queue') {
    const message = 'must not be empty if limited.limitResponse.type is Limited';
    if (queuing == null) errs.push(required(place, message));
    else validateQueuing(errs, queuing, place);
  } else {
    errs.push(notSupported(path.child('type'), type ?? '', ['Queue', 'Reject']));
  }
}

function validateQueuing(errs: Errors, queuing: Json, path: FieldPath): void {
  const { queueLengthLimit: length = 0, queues = 0, handSize: hand = 0 } = queuing;
  const wrong = (member: string, value: number, text: string): void => {
    errs.push(invalid(path.child(member), value, text));
  };
  if (length <= 0) wrong('queueLengthLimit', length, 'must be positive');
  if (queues <= 0) wrong('queues', queues, 'must be positive');
  else if (queues > mostQueues) wrong('queues', queues, `must not be greater than ${mostQueues}`);
  if (hand <= 0) wrong('handSize', hand, 'must be positive');
  else if (hand > queues) wrong('handSize', hand, `should not be greater than queues (${queues})`);
  else if (Math.ceil(Math.log2(queues) * hand) > mostHashBits) {
    const what = `required entropy bits of deckSize ${queues} and handSize ${hand}`;
    wrong('handSize', hand, `${what} should not be greater than ${mostHashBits}`);
  }
}
