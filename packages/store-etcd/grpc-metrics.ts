import { type Counter, grpcCodes, processMetrics } from '@coxswain/machinery';

const callLabels = ['grpc_type', 'grpc_service', 'grpc_method'];
const families = {
  started: processMetrics.counter({
    name: 'grpc_client_started_total',
    help: 'Calls that were begun.',
    labels: callLabels,
    stability: 'UNSAID',
  }),
  handled: processMetrics.counter({
    name: 'grpc_client_handled_total',
    help: 'Calls that have ended, whether well or not.',
    labels: ['grpc_code', ...callLabels],
    stability: 'UNSAID',
  }),
  sent: processMetrics.counter({
    name: 'grpc_client_msg_sent_total',
    help: 'Messages that were sent.',
    labels: callLabels,
    stability: 'UNSAID',
  }),
  received: processMetrics.counter({
    name: 'grpc_client_msg_received_total',
    help: 'Messages that came.',
    labels: callLabels,
    stability: 'UNSAID',
  }),
};

/** How a method is called; the names of gRPC's metrics. */
type CallType = 'unary' | 'bidi_stream';

/** What is counted of one method of etcd's, under the names that gRPC's Go clients use. */
export class CallCounts {
  readonly started: Counter;
  readonly sent: Counter;
  readonly received: Counter;
  readonly #labels: readonly [CallType, string, string];
  readonly #handled: Counter[] = [];

  constructor(type: CallType, service: string, method: string) {
    this.#labels = [type, `etcdserverpb.${service}`, method];
    this.started = families.started.with(...this.#labels);
    this.sent = families.sent.with(...this.#labels);
    this.received = families.received.with(...this.#labels);
  }

  /** @param code gRPC's number */
  handled(code: number): void {
    this.#handled[code] ??= families.handled.with(grpcCodes[code] ?? 'Unknown', ...this.#labels);
    this.#handled[code].value++;
  }
}

const known = new Map<string, CallCounts>();

/** Those of a method; resolved once. */
export function callCounts(type: CallType, service: string, method: string): CallCounts {
  let counts = known.get(method);
  if (counts === undefined) {
    counts = new CallCounts(type, service, method);
    known.set(method, counts);
  }
  return counts;
}
