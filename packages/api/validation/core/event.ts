import { FieldPath, invalid, isDNS1123Subdomain, isQualifiedName, required } from '@coxswain/machinery';
import { semanticEqual } from '../immutable.ts';
import { addInvalid, byteLength, type Errors, immutableMessage, type Json } from '../values.ts';

const shortLimit = 128;
const messageLimit = 1024;
const namespacePath = FieldPath.root('involvedObject', 'namespace');

/** An event of either API in the core's member names, which upstream's texts use. */
export function coreEvent(event: Json): Json {
  if (!String(event['apiVersion']).startsWith('events.k8s.io/')) return event;
  return {
    metadata: event['metadata'],
    involvedObject: event['regarding'] ?? {},
    related: event['related'],
    reason: event['reason'],
    message: event['note'],
    type: event['type'],
    action: event['action'],
    eventTime: event['eventTime'],
    series: event['series'],
    source: event['deprecatedSource'],
    firstTimestamp: event['deprecatedFirstTimestamp'],
    lastTimestamp: event['deprecatedLastTimestamp'],
    count: event['deprecatedCount'],
    reportingComponent: event['reportingController'],
    reportingInstance: event['reportingInstance'],
  };
}

/** legacyValidateEvent: what events of all versions must satisfy. */
export function validateEvent(errs: Errors, event: Json): void {
  const namespace: string = event['metadata'].namespace ?? '';
  const involved: string = event['involvedObject']?.namespace ?? '';
  const mismatch = (): void => {
    errs.push(invalid(namespacePath, involved, 'does not match event.namespace'));
  };
  if (event['eventTime'] == null) {
    const fits = involved === '' ? namespace === '' || namespace === 'default' : namespace === involved;
    if (!fits) mismatch();
  } else {
    if (involved === '' && namespace !== 'default' && namespace !== 'kube-system') mismatch();
    validateNewEvent(errs, event);
  }
  addInvalid(errs, FieldPath.root('namespace'), namespace, isDNS1123Subdomain(namespace));
}

function validateNewEvent(errs: Errors, event: Json): void {
  const controller: string = event['reportingComponent'] ?? '';
  const controllerPath = FieldPath.root('reportingController');
  if (controller === '') errs.push(required(controllerPath));
  addInvalid(errs, controllerPath, controller, isQualifiedName(controller));
  for (const name of ['reportingInstance', 'action', 'reason']) {
    const value: string = event[name] ?? '';
    if (value === '') errs.push(required(FieldPath.root(name)));
    if (byteLength(value) > shortLimit) {
      errs.push(invalid(FieldPath.root(name), '', `can have at most ${shortLimit} characters`));
    }
  }
  if (byteLength(event['message'] ?? '') > messageLimit) {
    errs.push(invalid(FieldPath.root('message'), '', `can have at most ${messageLimit} characters`));
  }
}

/** What creation through events.k8s.io/v1 asks for beyond that. */
export function validateStrictEvent(errs: Errors, event: Json): void {
  validateSeries(errs, event['series']);
  if (event['eventTime'] == null) errs.push(required(FieldPath.root('eventTime')));
  const type: string = event['type'] ?? '';
  if (type !== 'Normal' && type !== 'Warning') {
    errs.push(invalid(FieldPath.root('type'), '', `has invalid value: ${type}`));
  }
  const unset = (name: string, set: boolean): void => {
    if (set) errs.push(invalid(FieldPath.root(name), '', 'needs to be unset'));
  };
  unset('firstTimestamp', event['firstTimestamp'] != null);
  unset('lastTimestamp', event['lastTimestamp'] != null);
  unset('count', (event['count'] ?? 0) !== 0);
  unset('source', Boolean(event['source']?.component || event['source']?.host));
}

function validateSeries(errs: Errors, series: Json | undefined): void {
  if (series == null) return;
  if ((series['count'] ?? 0) < 2) {
    errs.push(invalid(FieldPath.root('series.count'), '', 'should be at least 2'));
  }
  if (series['lastObservedTime'] == null) errs.push(required(FieldPath.root('series.lastObservedTime')));
}

const fixed = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'reason',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingController',
  'reportingInstance',
];

/** What an update through events.k8s.io/v1 may change: the series, nothing else. */
export function validateStrictEventUpdate(errs: Errors, event: Json, old: Json): void {
  if (!semanticEqual(event['series'], old['series'])) validateSeries(errs, event['series']);
  for (const name of fixed) {
    const member = name === 'reportingController' ? 'reportingComponent' : name;
    if (semanticEqual(event[member], old[member])) continue;
    errs.push(invalid(FieldPath.root(name), event[member], immutableMessage));
  }
}
