import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock, Counter, FamilyOptions, Gauge, MetricsRegistry } from '@coxswain/machinery';
import { versionInfo } from '../non-resource/version.ts';

/** The kernel counts memory in pages and processor time in these on every Linux that Node.js runs on. */
const pageBytes = 4096;
const nanos = 1e-9;
/** What Prometheus' client libraries tell of no limit. */
const unlimited = 2 ** 64;
const percentiles = [50, 90, 99];

/** What Prometheus' client libraries tell of a process, and what Node.js knows in the place of Go's runtime. */
export function addProcessMetrics(registry: MetricsRegistry, clock: Clock): void {
  const gauge = (name: string, help: string): Gauge =>
    registry.gauge({ name, help, stability: 'UNSAID' }).with();
  const counter = (name: string, help: string): Counter =>
    registry.counter({ name, help, stability: 'UNSAID' }).with();
  const cpu = counter('process_cpu_seconds_total', 'Processor time in user and system mode.');
  const openFiles = gauge('process_open_fds', 'Open file descriptors.');
  const maxFiles = gauge('process_max_fds', 'The most file descriptors that may be open.');
  const resident = gauge('process_resident_memory_bytes', 'Resident memory.');
  const virtual = gauge('process_virtual_memory_bytes', 'Virtual memory.');
  const maxVirtual = gauge('process_virtual_memory_max_bytes', 'The most virtual memory.');
  const received = counter('process_network_receive_bytes_total', 'Bytes received.');
  const sent = counter('process_network_transmit_bytes_total', 'Bytes sent.');
  gauge('process_start_time_seconds', 'When the process began, in seconds since 1970.').set(
    clock.now() / 1000 - process.uptime(),
  );
  const heapTotal = gauge('nodejs_heap_size_total_bytes', "Size of V8's heap.");
  const heapUsed = gauge('nodejs_heap_size_used_bytes', "What of V8's heap is in use.");
  const external = gauge('nodejs_external_memory_bytes', 'Memory of buffers beside the heap.');
  const lag = eventLoopLag(registry);
  registry.beforeWrite(() => {
    const { user, system } = process.cpuUsage();
    cpu.value = (user + system) / 1e6;
    const memory = process.memoryUsage();
    resident.set(memory.rss);
    heapTotal.set(memory.heapTotal);
    heapUsed.set(memory.heapUsed);
    external.set(memory.external);
    virtual.set(Number(proc('statm').split(' ')[0] ?? 0) * pageBytes);
    const limits = proc('limits');
    maxVirtual.set(Number(/^Max address space\s+(\d+)/m.exec(limits)?.[1] ?? unlimited));
    maxFiles.set(Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 0));
    openFiles.set(openDescriptors());
    const octets = networkOctets(proc('net/netstat'));
    received.value = octets.received;
    sent.value = octets.sent;
    lag();
  });
  addBuildInfo(registry);
}

type LoopDelay = ReturnType<typeof monitorEventLoopDelay>;

/** How late the event loop comes to what is due: what holds it up holds up everybody. Measured from the first scrape on. */
function eventLoopLag(registry: MetricsRegistry): () => void {
  const help = 'Seconds by which the event loop was late since the last scrape';
  const gauges: readonly (readonly [string, (delay: LoopDelay) => number])[] = [
    ['min', (delay) => delay.min],
    ['max', (delay) => delay.max],
    ['mean', (delay) => delay.mean],
    ['stddev', (delay) => delay.stddev],
    ...percentiles.map((p) => [`p${p}`, (delay: LoopDelay) => delay.percentile(p)] as const),
  ];
  const families = gauges.map(([name, value]) => {
    const options: FamilyOptions = {
      name: `nodejs_eventloop_lag_${name}_seconds`,
      help: `${help}: ${name}.`,
    };
    return { gauge: registry.gauge(options).with(), value };
  });
  let delay: LoopDelay | undefined;
  return () => {
    if (delay === undefined) {
      delay = monitorEventLoopDelay({ resolution: 10 });
      delay.enable();
      return;
    }
    for (const { gauge, value } of families) {
      const measured = value(delay);
      gauge.set(Number.isFinite(measured) && delay.count > 0 ? measured * nanos : 0);
    }
    delay.reset();
  };
}

function addBuildInfo(registry: MetricsRegistry): void {
  const version = versionInfo() as unknown as Readonly<Record<string, string>>;
  const build = [
    ['build_date', 'buildDate'],
    ['compiler', 'compiler'],
    ['git_commit', 'gitCommit'],
    ['git_tree_state', 'gitTreeState'],
    ['git_version', 'gitVersion'],
    ['go_version', 'goVersion'],
    ['major', 'major'],
    ['minor', 'minor'],
    ['platform', 'platform'],
  ] as const;
  registry
    .gauge({
      name: 'kubernetes_build_info',
      help: 'Version and build; always 1.',
      labels: build.map(([label]) => label),
    })
    .with(...build.map(([, field]) => version[field] ?? ''))
    .set(1);
  const release = `${version['major']}.${version['minor']}`;
  registry
    .gauge({
      name: 'version_info',
      help: 'Versions that the component acts as; always 1.',
      labels: ['binary', 'component', 'emulation', 'min_compat'],
    })
    .with(release, 'kube', release, `${version['minCompatibilityMajor']}.${version['minCompatibilityMinor']}`)
    .set(1);
  registry
    .gauge({ name: 'nodejs_version_info', help: 'Version of Node.js; always 1.', labels: ['version'] })
    .with(process.version)
    .set(1);
}

/** A file of the process's own in /proc; '' where there is no such system. */
function proc(name: string): string {
  try {
    return readFileSync(`/proc/self/${name}`, 'latin1');
  } catch {
    return '';
  }
}

function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

/** Bytes of the network namespace, as Prometheus' Go client reads them. */
function networkOctets(netstat: string): { readonly received: number; readonly sent: number } {
  const lines = netstat.split('\n').filter((line) => line.startsWith('IpExt:'));
  const [names = '', values = ''] = lines;
  const fields = values.split(' ');
  const octets = (name: string): number => Number(fields[names.split(' ').indexOf(name)] ?? 0) || 0;
  return { received: octets('InOctets'), sent: octets('OutOctets') };
}
